package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.secureboot.FirmwareTrust;
import dev.flipside.boot.secureboot.SignatureDatabase;
import dev.flipside.boot.uki.AttributeCertificates;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.RandomAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images that sbsign has signed, with keys of OpenSSL, and lists that efitools have made: what we
 * say that firmware would do. sbverify says the same where it can be asked. Firmware itself is
 * asked by {@link SecureBootMachineTest}.
 */
class FirmwareTrustOracleTest {
    private static final String OWNER = "77fa9abd-0359-4d32-bd60-28f4e78f784b";
    private static final int HEADERS_BYTES = 4096;

    @TempDir static Path folder;

    @BeforeAll
    static void signImages() throws Exception {
        DebianBootFiles.take(folder);
        Files.move(at(DebianBootFiles.STUB), at("plain.efi"));
        authority("authority");
        authority("stranger");
        certificate("signer", "authority");
        authority("alone");
        sign("plain.efi", "alone", "alone.efi");
        sign("plain.efi", "stranger", "strange.efi");
        sign("plain.efi", "signer", "by-signer.efi", "--addcert", at("authority.pem"));
        sign("alone.efi", "stranger", "twice.efi");
    }

    @Test
    void takesWhatACertificateOfTheListHasSigned() throws Exception {
        accepts("alone.efi", certificates("alone"));
        accepts("by-signer.efi", certificates("signer"));
        assertTrue(refusal("strange.efi", certificates("alone"), none()).contains("CN=stranger"));
        assertEquals("no signature", refusal("plain.efi", certificates("alone"), none()));
        assertTrue(trust(none(), none()).refusal(image("alone.efi")).isPresent());
        assertEquals(Optional.empty(), FirmwareTrust.ofAnything().refusal(image("strange.efi")));
    }

    @Test
    void takesWhatLeadsToAnAuthorityOfTheList() throws Exception {
        accepts("by-signer.efi", certificates("authority"));
        String found = refusal("by-signer.efi", certificates("stranger"), none());
        assertEquals("one by 'CN=signer' under 'CN=authority'", found);
        // A certificate that is no authority's vouches for itself alone.
        assertNotEquals("", refusal("by-signer.efi", certificates("alone"), none()));
    }

    @Test
    void takesAnImageOneOfWhoseSignaturesCounts() throws Exception {
        accepts("twice.efi", certificates("alone"));
        accepts("twice.efi", certificates("stranger"));
        assertNotEquals("", refusal("twice.efi", certificates("authority"), none()));
    }

    @Test
    void takesAnImageByItsDigest() throws Exception {
        accepts("plain.efi", digests("plain.efi"));
        accepts("strange.efi", digests("plain.efi"), "a signature is not digested");
        assertNotEquals("", refusal("plain.efi", digests("systemd-bootx64.efi"), none()));
    }

    @Test
    void refusesWhatIsRevoked() throws Exception {
        SignatureDatabase alone = certificates("alone");
        assertTrue(refusal("alone.efi", alone, alone).contains("dbx revokes"));
        assertTrue(refusal("alone.efi", alone, digests("alone.efi")).contains("in dbx"));
        assertTrue(refusal("alone.efi", alone, revoked("alone")).contains("dbx revokes"));
        assertTrue(refusal("twice.efi", alone, certificates("stranger")).contains("CN=stranger"));
        SignatureDatabase authority = certificates("authority");
        assertNotEquals("", refusal("by-signer.efi", certificates("signer"), authority));
        assertNotEquals("", refusal("by-signer.efi", authority, revoked("signer")));
        assertNotEquals("", refusal("by-signer.efi", authority, revoked("authority")));
        assertEquals(
                Optional.empty(),
                trust(authority, revoked("stranger")).refusal(image("by-signer.efi")));
    }

    @Test
    void refusesAnImageOfWhichAByteHasChanged() throws Exception {
        byte[] signed = Files.readAllBytes(at("alone.efi"));
        int signature = signed.length - signatureBytes("alone.efi");
        FirmwareTrust trust = trust(certificates("alone"), none());
        for (int at = HEADERS_BYTES; at < signature; at += 997) {
            signed[at] ^= 1;
            AttributeCertificates image = AttributeCertificates.read(RandomAccess.of(signed), "x");
            assertTrue(trust.refusal(image).isPresent(), "byte " + at);
            signed[at] ^= 1;
        }
    }

    /** Firmware takes some of these, as not all of a signature is signed; none is a surprise. */
    @Test
    void takesAnyBytesForASignature() throws Exception {
        byte[] signed = Files.readAllBytes(at("by-signer.efi"));
        int from = signed.length - signatureBytes("by-signer.efi") + 8;
        FirmwareTrust trust = trust(certificates("authority"), none());
        int refused = 0;
        for (int at = from; at < signed.length; at++) {
            signed[at] ^= (byte) 0xff;
            AttributeCertificates image = AttributeCertificates.read(RandomAccess.of(signed), "x");
            refused += trust.refusal(image).isPresent() ? 1 : 0;
            signed[at] ^= (byte) 0xff;
        }
        // The authority's certificate stands in the list, so the copy of it proves nothing.
        int copy = der("authority").length;
        assertTrue(refused > (signed.length - from - copy) * 9 / 10, refused + " refused");
    }

    @Test
    void refusesListsThatAreNone() throws Exception {
        byte[] list = lists("alone");
        for (int length = 1; length < list.length; length++) {
            byte[] torn = Arrays.copyOf(list, length);
            FlipsideException e =
                    assertThrows(
                            FlipsideException.class, () -> SignatureDatabase.parse(torn, "db"));
            assertEquals(FailureCode.SIGNATURE_INVALID, e.failure().code());
        }
        assertEquals(0, SignatureDatabase.parse(new byte[0], "db").certificates().size());
    }

    // --- What is said of an image --------------------------------------------------------------

    private static void accepts(String image, SignatureDatabase allowed) throws Exception {
        accepts(image, allowed, image);
    }

    private static void accepts(String image, SignatureDatabase allowed, String why)
            throws Exception {
        assertEquals(Optional.empty(), trust(allowed, none()).refusal(image(image)), () -> why);
    }

    /** What was found, or "" when the image is taken. */
    private static String refusal(
            String image, SignatureDatabase allowed, SignatureDatabase forbidden) throws Exception {
        return trust(allowed, forbidden).refusal(image(image)).orElse("");
    }

    private static FirmwareTrust trust(SignatureDatabase allowed, SignatureDatabase forbidden) {
        return new FirmwareTrust(true, allowed, forbidden);
    }

    private static AttributeCertificates image(String name) throws Exception {
        return AttributeCertificates.read(RandomAccess.of(Files.readAllBytes(at(name))), name);
    }

    private static int signatureBytes(String name) throws Exception {
        return Files.readAllBytes(at(name)).length - Files.readAllBytes(at("plain.efi")).length;
    }

    // --- Lists by efitools ---------------------------------------------------------------------

    private static SignatureDatabase none() {
        return SignatureDatabase.empty();
    }

    private static SignatureDatabase certificates(String name) throws Exception {
        return SignatureDatabase.parse(lists(name), "db");
    }

    private static byte[] lists(String name) throws IOException {
        Path out = at(name + ".esl");
        Tools.find("cert-to-efi-sig-list").check("-g", OWNER, at(name + ".pem"), out);
        return Files.readAllBytes(out);
    }

    private static SignatureDatabase revoked(String name) throws Exception {
        Path out = at(name + ".revoked.esl");
        Tools.find("cert-to-efi-hash-list").check("-g", OWNER, at(name + ".pem"), out);
        SignatureDatabase list = SignatureDatabase.parse(Files.readAllBytes(out), "dbx");
        assertEquals(1, list.revoked().size());
        return list;
    }

    private static SignatureDatabase digests(String image) throws Exception {
        Path out = at(image + ".esl");
        Tools.find("hash-to-efi-sig-list").check(at(image), out);
        SignatureDatabase list = SignatureDatabase.parse(Files.readAllBytes(out), "db");
        assertEquals(1, list.images().size());
        return list;
    }

    // --- Keys by OpenSSL, signatures by sbsign -------------------------------------------------

    private static void authority(String name) throws IOException {
        request(name, "-addext", "basicConstraints=critical,CA:TRUE");
    }

    private static void certificate(String name, String authority) throws IOException {
        request(
                name,
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-CA",
                at(authority + ".pem"),
                "-CAkey",
                at(authority + ".key"));
    }

    private static void request(String name, Object... more) throws IOException {
        List<Object> line =
                new ArrayList<>(
                        List.of("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256"));
        line.addAll(List.of("-days", "30", "-subj", "/CN=" + name));
        line.addAll(List.of("-keyout", at(name + ".key"), "-out", at(name + ".pem")));
        line.addAll(List.of(more));
        Tools.find("openssl").check(line.toArray());
    }

    private static byte[] der(String name) throws IOException {
        Path out = at(name + ".der");
        Tools.find("openssl")
                .check("x509", "-in", at(name + ".pem"), "-outform", "DER", "-out", out);
        return Files.readAllBytes(out);
    }

    private static void sign(String image, String name, String signed, Object... more)
            throws IOException {
        List<Object> line =
                new ArrayList<>(List.of("--key", at(name + ".key"), "--cert", at(name + ".pem")));
        line.addAll(List.of(more));
        line.addAll(List.of("--output", at(signed), at(image)));
        Tools.find("sbsign").check(line.toArray());
        Tools.find("sbverify").check("--cert", at(name + ".pem"), at(signed));
    }

    private static Path at(String name) {
        return folder.resolve(name);
    }
}
