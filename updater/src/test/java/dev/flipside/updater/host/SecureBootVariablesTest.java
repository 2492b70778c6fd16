package dev.flipside.updater.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.boot.secureboot.FirmwareTrust;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecureBootVariablesTest {
    private static final String ON = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
    private static final String DB = "db-d719b2cb-3d3a-4596-a3bc-dad00e67656f";
    private static final String DBX = "dbx-d719b2cb-3d3a-4596-a3bc-dad00e67656f";
    private static final String MOK = "MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23";

    @TempDir Path root;

    @Test
    void trustsAnythingWithoutSecureBoot() throws Exception {
        assertFalse(SecureBootVariables.read(root).enforced(), "no firmware");
        variable(ON, new byte[] {0});
        variable(DB, new byte[] {1, 2, 3});
        assertFalse(SecureBootVariables.read(root).enforced(), "off");
        variable(ON, new byte[0]);
        assertFalse(SecureBootVariables.read(root).enforced(), "no value");
    }

    @Test
    void trustsWhatFirmwareAndShimList() throws Exception {
        variable(ON, new byte[] {1});
        FirmwareTrust nothing = SecureBootVariables.read(root);
        assertTrue(nothing.enforced());
        assertEquals(0, nothing.allowed().images().size());
        variable(DB, digest((byte) 1));
        variable(MOK, digest((byte) 2));
        variable(DBX, digest((byte) 3));
        FirmwareTrust trust = SecureBootVariables.read(root);
        assertEquals(2, trust.allowed().images().size());
        assertEquals(1, trust.forbidden().images().size());
    }

    @Test
    void refusesListsThatAreNone() throws Exception {
        variable(ON, new byte[] {1});
        variable(DBX, new byte[27]);
        FlipsideException e =
                assertThrows(FlipsideException.class, () -> SecureBootVariables.read(root));
        assertEquals(FailureCode.SIGNATURE_INVALID, e.failure().code());
        assertTrue(e.failure().what().contains("dbx"), e.getMessage());
    }

    /** With four bytes of attributes before it, as efivarfs shows it. */
    private void variable(String name, byte[] value) throws IOException {
        Path folder = Files.createDirectories(root.resolve("sys/firmware/efi/efivars"));
        Files.write(
                folder.resolve(name),
                ByteBuffer.allocate(4 + value.length).putInt(0x27000000).put(value).array());
    }

    /** An EFI_SIGNATURE_LIST with one SHA-256 digest. */
    private static byte[] digest(byte fill) {
        ByteBuffer list = ByteBuffer.allocate(28 + 16 + 32).order(ByteOrder.LITTLE_ENDIAN);
        list.putInt(0xc1c41626).putShort((short) 0x504c).putShort((short) 0x4092);
        list.putLong(Long.reverseBytes(0xaca941f936934328L));
        list.putInt(list.capacity()).putInt(0).putInt(16 + 32);
        byte[] bytes = list.array();
        Arrays.fill(bytes, 28 + 16, bytes.length, fill);
        return bytes;
    }
}
