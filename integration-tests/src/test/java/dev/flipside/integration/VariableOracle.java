package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * efitools and OpenSSL judge the variables of Secure Boot on an ESP.
 *
 * @param folder with keys and certificates by name, and for what is made on the way
 * @param esp as mtools name it
 */
record VariableOracle(Path folder, String esp) {
    private static final int TIME_BYTES = 16;

    /** The file is a time, a header of 24 bytes with its length, SignedData, and the lists. */
    void check(String name, String vendor, String signer) throws Exception {
        Path auth = at(name + ".auth");
        Tools.find("mcopy").check("-n", "-i", esp, "::/loader/keys/auto/" + name + ".auth", auth);
        byte[] file = Files.readAllBytes(auth);
        int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(TIME_BYTES);
        byte[] signedData = Arrays.copyOfRange(file, TIME_BYTES + 24, TIME_BYTES + length);
        byte[] lists = Arrays.copyOfRange(file, TIME_BYTES + length, file.length);
        Path list = Files.write(at(name + ".esl"), lists);
        Tools.find("sig-list-to-certs").check(list, at(name + ".out"));
        Tools.find("openssl")
                .check(
                        "x509",
                        "-in",
                        at(name + ".crt.pem"),
                        "-outform",
                        "DER",
                        "-out",
                        at("c.der"));
        assertEquals(-1, Files.mismatch(at("c.der"), at(name + ".out-0.der")));

        byte[] time = Arrays.copyOf(file, TIME_BYTES);
        Path content = Files.write(at(name + ".content"), content(name, vendor, time, lists));
        Path cms = Files.write(at(name + ".p7"), contentInfo(signedData));
        Tools.find("openssl").check(cmsVerify(cms, content, at(signer + ".crt.pem")));
        // efitools, given the same time and owner, sign the same bytes.
        assertEquals(
                signedContentOf("sign-efi-sig-list", name, signer, list, time),
                java.util.HexFormat.of().formatHex(Files.readAllBytes(content)));
    }

    /** What sign-efi-sig-list would sign: its -o prints that instead of signing. */
    private String signedContentOf(String tool, String name, String signer, Path list, byte[] time)
            throws Exception {
        ByteBuffer stamp = ByteBuffer.wrap(time).order(ByteOrder.LITTLE_ENDIAN);
        String when =
                "%04d-%02d-%02d %02d:%02d:%02d"
                        .formatted(
                                stamp.getShort(0),
                                stamp.get(2),
                                stamp.get(3),
                                stamp.get(4),
                                stamp.get(5),
                                stamp.get(6));
        Path out = at(name + ".tosign");
        Tools.find(tool)
                .check(
                        "-o",
                        "-t",
                        when,
                        "-c",
                        at(signer + ".crt.pem"),
                        "-k",
                        at(signer + ".key.pem"),
                        name,
                        list,
                        out);
        return java.util.HexFormat.of().formatHex(Files.readAllBytes(out));
    }

    private static byte[] content(String name, String vendor, byte[] time, byte[] lists) {
        byte[] utf16 = name.getBytes(StandardCharsets.UTF_16LE);
        byte[] bytes = new byte[utf16.length + 16 + 4 + time.length + lists.length];
        ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        java.util.UUID guid = java.util.UUID.fromString(vendor);
        long high = guid.getMostSignificantBits();
        content.put(utf16)
                .putInt((int) (high >>> 32))
                .putShort((short) (high >>> 16))
                .putShort((short) high)
                .putLong(Long.reverseBytes(guid.getLeastSignificantBits()));
        content.putInt(0x27).put(time).put(lists);
        return bytes;
    }

    /** SEQUENCE { OBJECT IDENTIFIER signedData, [0] { SignedData } }, as openssl asks for. */
    private static byte[] contentInfo(byte[] signedData) {
        byte[] oid = java.util.HexFormat.of().parseHex("06092a864886f70d010702");
        byte[] bytes = new byte[signedData.length + oid.length + 8];
        ByteBuffer.wrap(bytes)
                .put((byte) 0x30)
                .put((byte) 0x82)
                .putShort((short) (signedData.length + oid.length + 4))
                .put(oid)
                .put((byte) 0xa0)
                .put((byte) 0x82)
                .putShort((short) signedData.length)
                .put(signedData);
        return bytes;
    }

    static Object[] cmsVerify(Path signature, Path content, Path certificate) {
        return new Object[] {
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            signature,
            "-content",
            content,
            "-certfile",
            certificate,
            "-nointern",
            "-CAfile",
            certificate,
            "-purpose",
            "any",
            "-out",
            "/dev/null"
        };
    }

    private Path at(String name) {
        return folder.resolve(name);
    }
}
