package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.flipside.format.RandomAccess;
import dev.flipside.verity.HashTree;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** cryptsetup's veritysetup judges our hash trees, and makes the same ones. */
final class VerityOracleTest {
    private static final UUID VERITY_UUID = UUID.fromString("01234567-89ab-8def-8123-456789abcdef");
    private static final String SALT = "5a".repeat(32);

    @TempDir private Path folder;

    private Path data(int blocks) throws IOException {
        long seed = blocks;
        byte[] bytes = new byte[blocks * VerityParameters.BLOCK_SIZE_BYTES];
        new Random(seed).nextBytes(bytes);
        return Files.write(folder.resolve("data"), bytes);
    }

    /** Writes superblock and tree beside the data, and returns the root hash in hex. */
    private static String build(Path data, Path tree, String salt) throws IOException {
        byte[] bytes = Files.readAllBytes(data);
        VerityParameters parameters =
                new VerityParameters(
                        salt, VERITY_UUID, bytes.length / VerityParameters.BLOCK_SIZE_BYTES);
        try (FileChannel out =
                FileChannel.open(tree, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(VeritySuperblock.encode(parameters)), 0);
            byte[] rootHash =
                    HashTree.build(
                            RandomAccess.of(bytes),
                            parameters,
                            2,
                            (blocks, offset) -> out.write(blocks, offset),
                            done -> {});
            return HexFormat.of().formatHex(rootHash);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "127", "128", "129", "1000", "16384", "16385"})
    void makesTheBytesThatVeritysetupMakes(int blocks) throws Exception {
        Path data = data(blocks);
        for (String salt : new String[] {SALT, "00", ""}) {
            Path ours = folder.resolve("ours-" + salt.length());
            Path theirs = Files.createFile(folder.resolve("theirs-" + salt.length()));
            String rootHash = build(data, ours, salt);
            Tools.find("veritysetup")
                    .check(
                            "format",
                            "--salt=" + (salt.isEmpty() ? "-" : salt),
                            "--uuid=" + VERITY_UUID,
                            data,
                            theirs);
            assertEquals(-1, Files.mismatch(theirs, ours), blocks + " blocks, salt " + salt);
            Tools.find("veritysetup").check("verify", data, ours, rootHash);
        }
    }

    @Test
    void isRefusedByVeritysetupWhenABitIsFlipped() throws Exception {
        Path data = data(300);
        Path tree = folder.resolve("tree");
        String rootHash = build(data, tree, SALT);
        byte[] bytes = Files.readAllBytes(data);
        bytes[299 * 4096 + 5] ^= 1;
        Files.write(data, bytes);
        assertNotEquals(
                0, Tools.find("veritysetup").run("verify", data, tree, rootHash).exitCode());
    }
}
