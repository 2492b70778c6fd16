package dev.flipside.integration;

import dev.flipside.boot.gpt.Gpt;
import dev.flipside.boot.gpt.Partition;
import dev.flipside.boot.gpt.SlotIdentity;
import dev.flipside.format.RandomAccess;
import dev.flipside.platform.BlockDevice;
import dev.flipside.verity.HashTreeReader;
import dev.flipside.verity.VerityParameters;
import dev.flipside.verity.VeritySuperblock;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.UUID;

/** Reads a whole slot and checks every block of it, found as the initrd finds it. */
final class SlotCheck {
    private SlotCheck() {}

    /** The number of blocks that lead to the root hash; throws for the first that does not. */
    static long verifyAll(BlockDevice disk, String rootHash) throws Exception {
        byte[] bytes = HexFormat.of().parseHex(rootHash);
        SlotIdentity identity = SlotIdentity.of(bytes, "any", "1");
        Gpt gpt = Gpt.read(disk).gpt();
        byte[] data = read(disk, gpt, identity.data());
        byte[] tree = read(disk, gpt, identity.hash());
        VerityParameters parameters =
                VeritySuperblock.decode(
                        java.util.Arrays.copyOf(tree, VerityParameters.BLOCK_SIZE_BYTES));
        HashTreeReader reader = new HashTreeReader(RandomAccess.of(tree), parameters, bytes);
        for (long n = 0; n < parameters.dataBlocks(); n++) {
            reader.verify(n, data, Math.toIntExact(n * VerityParameters.BLOCK_SIZE_BYTES));
        }
        return parameters.dataBlocks();
    }

    private static byte[] read(BlockDevice disk, Gpt gpt, UUID uuid) throws Exception {
        Partition partition =
                gpt.partitions().stream()
                        .filter(it -> it.uuid().equals(uuid))
                        .findFirst()
                        .orElseThrow();
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(partition.sizeBytes(gpt.sectorSizeBytes())));
        disk.read(bytes, partition.offsetBytes(gpt.sectorSizeBytes()));
        return bytes.array();
    }
}
