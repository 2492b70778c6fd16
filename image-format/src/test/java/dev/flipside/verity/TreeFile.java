package dev.flipside.verity;

import dev.flipside.format.RandomAccess;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A hash tree in memory: superblock and all levels, and the root hash that they lead to. */
final class TreeFile implements RandomAccess {
    final VerityParameters parameters;
    final byte[] bytes;
    final byte[] rootHash;

    private TreeFile(VerityParameters parameters, byte[] bytes, byte[] rootHash) {
        this.parameters = parameters;
        this.bytes = bytes;
        this.rootHash = rootHash;
    }

    static TreeFile build(VerityParameters parameters, int threads) throws IOException {
        byte[] bytes = new byte[(int) parameters.geometry().fileSizeBytes()];
        byte[] superblock = VeritySuperblock.encode(parameters);
        System.arraycopy(superblock, 0, bytes, 0, superblock.length);
        byte[] rootHash =
                HashTree.build(
                        new PatternData(parameters.dataBlocks()),
                        parameters,
                        threads,
                        (blocks, offset) ->
                                blocks.get(bytes, Math.toIntExact(offset), blocks.remaining()),
                        done -> {});
        return new TreeFile(parameters, bytes, rootHash);
    }

    @Override
    public long sizeBytes() {
        return bytes.length;
    }

    @Override
    public void read(ByteBuffer destination, long offsetBytes) throws EOFException {
        if (offsetBytes + destination.remaining() > bytes.length) {
            throw new EOFException("beyond the end");
        }
        destination.put(bytes, (int) offsetBytes, destination.remaining());
    }
}
