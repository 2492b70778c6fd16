package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.erofs.ErofsInode;
import dev.flipside.erofs.ErofsReader;
import dev.flipside.failure.FailureCode;
import dev.flipside.format.ByteString;
import dev.flipside.format.RandomAccess;
import dev.flipside.release.ReleaseManifest;
import dev.flipside.release.ReleaseManifestJson;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** libselinux, kmod, erofs-utils and systemd judge what a recipe makes of a root file system. */
class ShapingOracleTest {
    private static final int PATHS_PER_CALL = 400;
    private static final ByteString LABEL = ByteString.utf8("security.selinux");

    /** Typical lines of Debian's policy: groups, types, sets, escapes, exact paths, no label. */
    private static final String FILE_CONTEXTS =
            """
            /.*	system_u:object_r:default_t:s0
            /	-d	system_u:object_r:root_t:s0
            /[^/]+	--	system_u:object_r:etc_runtime_t:s0
            /bin	-d	system_u:object_r:bin_t:s0
            /bin	-l	system_u:object_r:bin_t:s0
            /dev(/.*)?	system_u:object_r:device_t:s0
            /proc(/.*)?	<<none>>
            /etc(/.*)?	system_u:object_r:etc_t:s0
            /etc/.*\\.conf	--	system_u:object_r:conf_t:s0
            /etc/(passwd|group|g?shadow)[-\\+]?	--	system_u:object_r:passwd_file_t:s0
            /etc/shadow.*	--	system_u:object_r:shadow_t:s0
            /usr(/.*)?	system_u:object_r:usr_t:s0
            /usr/(.*/)?bin(/.*)?	system_u:object_r:bin_t:s0
            /usr/(.*/)?lib(/.*)?	system_u:object_r:lib_t:s0
            /usr/(.*/)?sbin(/.*)?	system_u:object_r:bin_t:s0
            /usr/lib/modules(/.*)?	system_u:object_r:modules_object_t:s0
            /usr/lib/modules/[^/]+/modules\\..+	--	system_u:object_r:modules_dep_t:s0
            /usr/lib/.*\\.so(\\.[^/]*)*	--	system_u:object_r:shlib_t:s0
            /usr/lib/systemd/systemd	--	system_u:object_r:init_exec_t:s0
            /usr/lib/systemd/system/[[:alnum:]_]+\\.mount	--	system_u:object_r:mount_unit_t:s0
            /usr/bin/bash	--	system_u:object_r:shell_exec_t:s0
            /usr/bin/d?ash	--	system_u:object_r:shell_exec_t:s0
            /usr/bin/.*	-l	system_u:object_r:bin_link_t:s0
            /usr/bin/\\[	--	system_u:object_r:test_exec_t:s0
            /usr/share/zoneinfo/E[a-m].*	system_u:object_r:locale_t:s0
            /var(/.*)?	system_u:object_r:var_t:s0
            /var/l(ib|og)/.{3,5}	system_u:object_r:short_t:s0
            """;

    @TempDir Path folder;
    private Path contexts;

    @BeforeEach
    void writeContexts() throws Exception {
        contexts = Files.writeString(folder.resolve("file_contexts"), FILE_CONTEXTS);
        Files.writeString(folder.resolve("file_contexts.subs_dist"), "/usr/lib64 /usr/lib\n");
        Files.writeString(
                folder.resolve("file_contexts.local"),
                "/root(/.*)?	system_u:object_r:admin_home_t:s0\n");
    }

    private ReleaseManifest build(Path rootfs, String name, Object... more) throws Exception {
        Path release = folder.resolve(name);
        List<Object> arguments =
                new ArrayList<>(List.of("build", "--rootfs", rootfs, "--product", "shaped"));
        arguments.addAll(List.of("--version", "1", "--pack-level", "1", "--out", release));
        arguments.addAll(Arrays.asList(more));
        command().check(arguments.toArray());
        return ReleaseManifestJson.parse(Files.readAllBytes(release.resolve("release.json")));
    }

    /** With the tool tree's mkfs.erofs as the one program on its path. */
    private CommandLine command() throws Exception {
        Path programs = Files.createDirectories(folder.resolve("programs"));
        Path program = programs.resolve("mkfs.erofs");
        if (!Files.exists(program)) {
            String line = String.join("' '", Tools.find("mkfs.erofs").line());
            Files.writeString(program, "#!/bin/sh\nexec '" + line + "' \"$@\"\n");
            Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return CommandLine.flipsideImage().under(List.of(), Map.of("PATH", programs.toString()));
    }

    @Test
    void libselinuxAndKmodAgreeOnADebianRoot() throws Exception {
        build(
                ErofsOracleTest.debianTar(),
                "debian",
                "--selinux-contexts",
                contexts,
                "--decompress-modules");
        Path image = folder.resolve("debian/root.img");
        matchpathconFindsTheLabelsOf(image);
        depmodWritesTheSameIndexesFor(image);
    }

    private void matchpathconFindsTheLabelsOf(Path image) throws Exception {
        TreeMap<ErofsInode.Type, TreeMap<String, String>> labels = new TreeMap<>();
        try (FileChannel channel = FileChannel.open(image)) {
            ErofsReader reader = ErofsReader.open(RandomAccess.of(channel));
            reader.walk(
                    (path, inode) -> {
                        ByteString label = reader.xattrs(inode).get(LABEL);
                        labels.computeIfAbsent(inode.type(), _ -> new TreeMap<>())
                                .put(
                                        path.toString(),
                                        label == null ? "<<none>>" : label.toString());
                    });
        }
        int compared = 0;
        for (ErofsInode.Type type :
                List.of(
                        ErofsInode.Type.REGULAR_FILE,
                        ErofsInode.Type.DIRECTORY,
                        ErofsInode.Type.SYMLINK)) {
            // A hard link has the label of its first name, which the other may not.
            TreeMap<String, String> ours = labels.get(type);
            List<String> paths = List.copyOf(ours.keySet());
            for (int from = 0; from < paths.size(); from += PATHS_PER_CALL) {
                List<String> some =
                        paths.subList(from, Math.min(paths.size(), from + PATHS_PER_CALL));
                List<Object> arguments = new ArrayList<>(List.of("-n", "-f", contexts, "-m"));
                arguments.add(mode(type));
                arguments.addAll(some);
                List<String> theirs =
                        Tools.find("matchpathcon").check(arguments.toArray()).lines().toList();
                for (int i = 0; i < some.size(); i++) {
                    String label = ours.get(some.get(i)).replace("\0", "");
                    assertEquals(theirs.get(i), label, type + " " + some.get(i));
                    compared++;
                }
            }
        }
        assertTrue(compared > 5000, compared + " paths");
    }

    private static String mode(ErofsInode.Type type) {
        return switch (type) {
            case REGULAR_FILE -> "file";
            case DIRECTORY -> "dir";
            case SYMLINK -> "link";
            case CHARACTER_DEVICE -> "chr_file";
            case BLOCK_DEVICE -> "blk_file";
            case FIFO -> "fifo_file";
            case SOCKET -> "sock_file";
        };
    }

    private void depmodWritesTheSameIndexesFor(Path image) throws Exception {
        Path root = folder.resolve("extracted");
        Tools.find("fsck.erofs").check("--extract=" + root, image);
        Path modules;
        try (Stream<Path> versions = Files.list(root.resolve("usr/lib/modules"))) {
            modules = versions.findFirst().orElseThrow();
        }
        String version = modules.getFileName().toString();
        try (Stream<Path> files = Files.walk(modules)) {
            assertFalse(files.anyMatch(file -> file.toString().matches(".*\\.ko\\..*")));
        }
        String modprobe =
                Tools.find("modprobe").check("--show-depends", "-d", root, "-S", version, "erofs");
        assertTrue(modprobe.contains("/erofs.ko"), modprobe);
        Tools.find("modinfo").check("-b", root, "-k", version, "erofs");
        List<String> indexes = List.of("modules.dep", "modules.dep.bin");
        for (String index : indexes) {
            Files.copy(modules.resolve(index), folder.resolve(index));
        }
        Tools.find("depmod").check("-b", root, version);
        for (String index : indexes) {
            assertEquals(-1, Files.mismatch(folder.resolve(index), modules.resolve(index)), index);
        }
    }

    @Test
    void veritysetupAndSystemdDissectFindAVerifiedUsr() throws Exception {
        ReleaseManifest manifest =
                build(
                        SmallRoot.of("1").writeTar(folder.resolve("root.tar")),
                        "small",
                        "--verity",
                        "usr");
        Tools.find("veritysetup")
                .check(
                        "verify",
                        folder.resolve("small/usr.img"),
                        folder.resolve("small/usr.verity"),
                        manifest.verity().rootHash());
        Path disk = folder.resolve("disk.raw");
        command().check("disk", "--release", folder.resolve("small"), "--out", disk);
        Tools.Tool dissect = Tools.find("systemd-dissect");
        String usrHash = manifest.verity().rootHash();
        // Its option --root-hash is for a root; the hash of a usr stands beside the disk.
        Path hash = Files.writeString(folder.resolve("disk.usrhash"), usrHash);
        dissect.check("--validate", "--image-policy=usr=verity:=unused+absent+unprotected", disk);
        Files.writeString(hash, "0".repeat(usrHash.length()));
        assertNotEquals(0, dissect.run("--validate", disk).exitCode());
        String listed = Tools.find("sgdisk").check("-i", "2", disk);
        assertTrue(listed.contains("8484680C-9521-48C6-9C11-B0720656F69E"), listed);
    }

    @Test
    void erofsUtilsReadsTheSameTreeFromACompressedImage() throws Exception {
        Path tar =
                SmallRoot.of("1")
                        .with("usr/share/text", "text ".repeat(99_999))
                        .writeTar(folder.resolve("root.tar"));
        build(tar, "plain");
        build(tar, "zstd", "--compress", "zstd,9");
        build(tar, "again", "--compress", "zstd,9");
        Path zstd = folder.resolve("zstd/root.img");
        assertEquals(-1, Files.mismatch(zstd, folder.resolve("again/root.img")));
        assertTrue(
                Files.size(zstd) < Files.size(folder.resolve("plain/root.img")), "is compressed");
        Tools.Tool fsck = Tools.find("fsck.erofs");
        fsck.check("--extract=" + folder.resolve("one"), folder.resolve("plain/root.img"));
        fsck.check("--extract=" + folder.resolve("two"), zstd);
        String provenance = Files.readString(folder.resolve("zstd/provenance.json"));
        assertTrue(provenance.matches("(?s).*\"mkfs.erofs\" *: *\"1\\.[89].*"), provenance);
        String inspected = command().check("inspect", folder.resolve("zstd"));
        assertTrue(inspected.contains("zstd,9"), inspected);
        assertEquals(
                TreeFacts.ofDirectory(folder.resolve("one")),
                TreeFacts.ofDirectory(folder.resolve("two")));
    }

    @Test
    void saysThatMkfsIsMissingOrTooOld() throws Exception {
        String line = refusesToCompress();
        assertTrue(line.contains("mkfs.erofs: expected erofs-utils"), line);
        Path old = folder.resolve("mkfs.erofs");
        Files.writeString(old, "#!/bin/sh\necho 'mkfs.erofs 1.5'\n");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
        line = refusesToCompress();
        assertTrue(line.contains("found version 1.5"), line);
    }

    private String refusesToCompress() throws Exception {
        Path tar = SmallRoot.of("1").writeTar(folder.resolve("root.tar"));
        Path out = folder.resolve("out");
        String line =
                CommandLine.flipsideImage()
                        .under(List.of(), Map.of("PATH", folder.toString()))
                        .refuses(
                                FailureCode.PROGRAM_FAILED,
                                "build",
                                "--rootfs",
                                tar,
                                "--product",
                                "x",
                                "--version",
                                "1",
                                "--compress",
                                "zstd",
                                "--out",
                                out);
        assertFalse(Files.exists(out));
        return line;
    }
}
