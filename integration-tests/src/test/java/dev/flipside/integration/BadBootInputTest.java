package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.flipside.boot.uki.TestingPe;
import dev.flipside.failure.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What hosts could not start, or nobody could sign, is refused in one line and leaves nothing. */
class BadBootInputTest {
    private static final CommandLine IMAGE = CommandLine.flipsideImage();
    private static final String INITRD = "usr/lib/modules/6.12.0-small/initrd";
    private static final String KERNEL = "usr/lib/modules/6.12.0-small/vmlinuz";
    private static final String LOADERS = "usr/lib/systemd/boot/efi/";

    @TempDir Path folder;

    @Test
    void refusesAnInitrdThatIsNoCpio() throws Exception {
        SmallRoot root = SmallRoot.of("1").with(INITRD, "hello\n");
        assertTrue(refuses(FailureCode.INITRD_MALFORMED, root).contains("/" + INITRD));
        byte[] packed = Zstd.compress("hello\n".getBytes(StandardCharsets.UTF_8));
        refuses(FailureCode.INITRD_MALFORMED, root.with(INITRD, packed));
        refuses(FailureCode.INITRD_MALFORMED, root.with(INITRD, new byte[0]));
    }

    @Test
    void refusesFilesOnTheCommandLineThatAreNoInitrdOrMicrocode() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "hello\n");
        Path cpio = Files.writeString(folder.resolve("cpio"), "070701" + "0".repeat(200));
        SmallRoot root = SmallRoot.of("1");
        String line =
                refuses(FailureCode.INITRD_MALFORMED, root, "--initrd", cpio, "--initrd", text);
        assertTrue(line.contains(text.toString()), line);
        refuses(FailureCode.INITRD_MALFORMED, root, "--microcode", cpio);
        refuses(FailureCode.INPUT_MISSING, root, "--initrd", folder.resolve("none"));
    }

    @Test
    void refusesAKernelOrStubThatIsNoEfiImage() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "hello\n");
        refuses(FailureCode.UKI_MALFORMED, SmallRoot.of("1"), "--stub", text);
        byte[] half = Arrays.copyOf(TestingPe.stub(), TestingPe.stub().length / 2);
        String stub = LOADERS + "linuxx64.efi.stub";
        String line = refuses(FailureCode.UKI_MALFORMED, SmallRoot.of("1").with(stub, half));
        assertTrue(line.contains("/" + stub), line);
        refuses(FailureCode.UKI_MALFORMED, SmallRoot.of("1").with(KERNEL, "hello\n"));
    }

    @Test
    void refusesAStubOrKernelOfAnotherArchitecture() throws Exception {
        SmallRoot root =
                SmallRoot.of("1")
                        .without(LOADERS + "linuxx64.efi.stub")
                        .with(LOADERS + "linuxaa64.efi.stub", TestingPe.stub());
        String line = refuses(FailureCode.UKI_MALFORMED, root);
        assertTrue(line.contains("arm64") && line.contains("x86-64"), line);
        root.with(LOADERS + "linuxaa64.efi.stub", TestingPe.arm64Stub());
        line = refuses(FailureCode.UKI_MALFORMED, root);
        assertTrue(line.contains("kernel") && line.contains("x86-64"), line);
    }

    @Test
    void refusesAUkiThatTheEspOfTheHostsCannotHoldTwice() throws Exception {
        refuses(FailureCode.ESP_TOO_SMALL, SmallRoot.of("1"), "--esp-size", "4MiB");
        refuses(FailureCode.ARGUMENT_INVALID, SmallRoot.of("1"), "--esp-size", "much");
    }

    @Test
    void refusesALoaderThatCannotBeSigned() throws Exception {
        makeKey("db", Map.of());
        IMAGE.check(line(SmallRoot.of("1"), List.of()));
        Path text = Files.writeString(folder.resolve("text"), "hello\n");
        List<String> before = names();
        IMAGE.refuses(
                FailureCode.UKI_MALFORMED,
                "disk",
                "--release",
                folder.resolve("release"),
                "--out",
                folder.resolve("disk.raw"),
                "--loader",
                text,
                "--secure-boot-key",
                folder.resolve("db.key.pem"),
                "--secure-boot-cert",
                folder.resolve("db.crt.pem"));
        assertEquals(before, names());
    }

    @Test
    void refusesCertificatesThatAreExpiredMismatchedOrNone() throws Exception {
        makeKey("db", Map.of("SOURCE_DATE_EPOCH", "946684800"));
        makeKey("other", Map.of());
        assertTrue(refusesCertificate("db.crt.pem").contains("2009-12-"));
        assertTrue(refusesCertificate("other.crt.pem").contains("another key"));
        Files.writeString(folder.resolve("text"), "hello\n");
        refusesCertificate("text");
    }

    @Test
    void refusesKeysThatAreNotWhatTheOptionNeeds() throws Exception {
        makeKey("db", Map.of());
        Path db = folder.resolve("db.key.pem");
        refuses(FailureCode.ARGUMENT_INVALID, SmallRoot.of("1"), "--secure-boot-key", db);
        for (String algorithm : List.of("ed25519", "ml-dsa-65")) {
            makeKey(algorithm, algorithm, Map.of());
            for (String use : List.of("--verity", "--secure-boot")) {
                refuses(
                        FailureCode.KEY_INVALID,
                        SmallRoot.of("1"),
                        use + "-key",
                        folder.resolve(algorithm + ".key.pem"),
                        use + "-cert",
                        folder.resolve(algorithm + ".crt.pem"));
            }
        }
    }

    @Test
    void refusesATokenThatCannotBeReached() throws Exception {
        makeKey("db", Map.of());
        refuses(
                FailureCode.TOKEN_UNREACHABLE,
                SmallRoot.of("1"),
                "--verity-key",
                "pkcs11:object=db?module-path=" + folder.resolve("none.so"),
                "--verity-cert",
                folder.resolve("db.crt.pem"));
    }

    private String refusesCertificate(String file) throws IOException {
        return refuses(
                FailureCode.CERTIFICATE_INVALID,
                SmallRoot.of("1"),
                "--secure-boot-key",
                folder.resolve("db.key.pem"),
                "--secure-boot-cert",
                folder.resolve(file));
    }

    private void makeKey(String name, Map<String, String> variables) throws IOException {
        makeKey(name, "rsa-3072", variables);
    }

    private void makeKey(String name, String algorithm, Map<String, String> variables)
            throws IOException {
        CommandLine image = IMAGE.under(List.of(), variables);
        image.check("key", "generate", "--algorithm", algorithm, "--out", folder.resolve(name));
        image.check(
                "key",
                "certificate",
                "--key",
                folder.resolve(name + ".key.pem"),
                "--name",
                name,
                "--out",
                folder.resolve(name + ".crt.pem"));
    }

    private String refuses(FailureCode code, SmallRoot root, Object... options) throws IOException {
        Object[] line = line(root, List.of(options));
        List<String> before = names();
        String refusal = IMAGE.refuses(code, line);
        assertEquals(before, names());
        return refusal;
    }

    private Object[] line(SmallRoot root, List<Object> options) throws IOException {
        Path tar = root.writeTar(folder.resolve("root.tar"));
        List<Object> line = new ArrayList<>(List.of("build", "--rootfs", tar));
        line.addAll(List.of("--product", "small", "--version", "1", "--pack-level", "1"));
        line.addAll(List.of("--out", folder.resolve("release")));
        line.addAll(options);
        return line.toArray();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(Path::toString).sorted().toList();
        }
    }
}
