package dev.flipside.erofs;

import dev.flipside.erofs.DirectoryBlocks.Dirent;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes what {@link ErofsLayout} planned, front to back, once, through one buffer.
 *
 * <p>Invariant: {@code flushedBytes + buffer.position()} is the image offset of the next byte.
 */
final class MetadataWriter {
    /** Holds the largest extended attributes (262,148 bytes) and several blocks beside them. */
    private static final int BUFFER_BYTES = 1 << 20;

    private final ErofsLayout layout;
    private final SeekableByteChannel out;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final Map<Inode, Inode> parents = new HashMap<>();
    private long flushedBytes;

    MetadataWriter(ErofsLayout layout, SeekableByteChannel out) {
        this.layout = layout;
        this.out = out;
    }

    void write() throws IOException {
        collectParents();
        out.position(0);
        zerosUpTo(ErofsFormat.SUPERBLOCK_OFFSET_BYTES);
        writeSuperblock();
        for (InodePlacement placement : layout.placements()) {
            zerosUpTo(placement.offsetBytes());
            writeInode(placement);
        }
        zerosUpToBlock();
        for (InodePlacement placement : layout.placements()) {
            writeWholeBlocks(placement);
        }
        writeSharedXattrs();
        zerosUpTo(layout.metadataSizeBytes());
        flush();
    }

    private void collectParents() {
        Inode root = layout.tree().root();
        parents.put(root, root);
        for (InodePlacement placement : layout.placements()) {
            if (placement.inode().kind() instanceof InodeKind.Directory directory) {
                for (Inode child : directory.entries().values()) {
                    if (child.isDirectory()) {
                        parents.put(child, placement.inode());
                    }
                }
            }
        }
    }

    /** {@code struct erofs_super_block}, its first 128 bytes; the checksum comes in flush. */
    private void writeSuperblock() throws IOException {
        ByteBuffer to = room(ErofsFormat.SUPERBLOCK_BYTES);
        int end = to.position() + ErofsFormat.SUPERBLOCK_BYTES;
        to.putInt(ErofsFormat.MAGIC).putInt(0);
        to.putInt(ErofsFormat.COMPAT_SUPERBLOCK_CHECKSUM | ErofsFormat.COMPAT_MTIME);
        to.put((byte) ErofsFormat.BLOCK_BITS).put((byte) 0);
        to.putShort((short) layout.placementOf(layout.tree().root()).nid());
        to.putLong(layout.placements().size());
        putTime(layout.buildTime(), to);
        to.putInt((int) layout.blocks());
        to.putInt(0); // inodes are counted from block 0
        to.putInt((int) layout.sharedXattrBlock());
        ByteBuffer uuid = to.duplicate(); // a duplicate is big-endian, as a UUID is
        uuid.putLong(layout.uuid().getMostSignificantBits());
        uuid.putLong(layout.uuid().getLeastSignificantBits());
        to.position(uuid.position());
        zeros(to, end); // no volume name, and no feature that an old kernel would not know
    }

    private void writeInode(InodePlacement placement) throws IOException {
        InodePlacement.Shape shape = placement.shape();
        ByteBuffer to = room(shape.sizeBytes());
        writeInodeHead(placement, to);
        if (shape.compact()) {
            writeCompactRest(placement, to);
        } else {
            writeExtendedRest(placement, to);
        }
        XattrBody.write(placement.inode().attributes().xattrs(), layout.sharedXattrs(), to);
        if (shape.inline()) {
            writeInlineTail(placement, to);
        }
    }

    /** The first 8 bytes, which both forms share but for the link count. */
    private void writeInodeHead(InodePlacement placement, ByteBuffer to) {
        InodePlacement.Shape shape = placement.shape();
        Inode inode = placement.inode();
        int dataLayout =
                shape.inline() ? ErofsFormat.LAYOUT_FLAT_INLINE : ErofsFormat.LAYOUT_FLAT_PLAIN;
        int extended = shape.compact() ? 0 : ErofsFormat.FORMAT_EXTENDED;
        to.putShort((short) (dataLayout << 1 | extended));
        to.putShort((short) XattrBody.countOf(shape.xattrBytes()));
        to.putShort(
                (short)
                        (ErofsFormat.typeOf(inode.kind()).modeBits()
                                | inode.attributes().permissions()));
        to.putShort(shape.compact() ? (short) layout.tree().linkCount(inode) : 0);
    }

    private static void writeCompactRest(InodePlacement placement, ByteBuffer to) {
        InodeAttributes attributes = placement.inode().attributes();
        to.putInt((int) placement.shape().dataBytes()).putInt(0);
        to.putInt(blockOrDevice(placement)).putInt(placement.number());
        to.putShort((short) attributes.uid()).putShort((short) attributes.gid()).putInt(0);
    }

    private void writeExtendedRest(InodePlacement placement, ByteBuffer to) {
        InodeAttributes attributes = placement.inode().attributes();
        to.putLong(placement.shape().dataBytes());
        to.putInt(blockOrDevice(placement)).putInt(placement.number());
        to.putInt((int) attributes.uid()).putInt((int) attributes.gid());
        putTime(attributes.changed(), to);
        to.putInt(layout.tree().linkCount(placement.inode()));
        to.putLong(0).putLong(0);
    }

    /** Seconds may be negative; nanoseconds count forward from them. */
    private static void putTime(Instant time, ByteBuffer to) {
        to.putLong(time.getEpochSecond()).putInt(time.getNano());
    }

    private static int blockOrDevice(InodePlacement placement) {
        return switch (placement.inode().kind()) {
            case InodeKind.RegularFile _, InodeKind.Directory _, InodeKind.Symlink _ ->
                    placement.startBlock();
            case InodeKind.CharacterDevice device -> encode(device.major(), device.minor());
            case InodeKind.BlockDevice device -> encode(device.major(), device.minor());
            case InodeKind.Fifo _, InodeKind.Socket _ -> 0;
        };
    }

    /** The kernel's new_encode_dev: 12 bits of major between 8 low and 12 high bits of minor. */
    private static int encode(int major, int minor) {
        return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
    }

    private void writeInlineTail(InodePlacement placement, ByteBuffer to) {
        switch (placement.inode().kind()) {
            case InodeKind.Symlink symlink -> symlink.target().putInto(to);
            case InodeKind.Directory directory ->
                    DirectoryBlocks.writeBlock(blocksOf(placement, directory).getLast(), to);
            case InodeKind.RegularFile _,
                    InodeKind.CharacterDevice _,
                    InodeKind.BlockDevice _,
                    InodeKind.Fifo _,
                    InodeKind.Socket _ ->
                    throw new IllegalStateException("inline data of " + placement.inode().kind());
        }
    }

    private void writeWholeBlocks(InodePlacement placement) throws IOException {
        switch (placement.inode().kind()) {
            case InodeKind.Symlink symlink -> {
                if (!placement.shape().inline()) {
                    zerosUpToStart(placement);
                    symlink.target().putInto(room(ErofsFormat.BLOCK_BYTES));
                    zerosUpToBlock();
                }
            }
            case InodeKind.Directory directory -> {
                if (placement.shape().blocks() > 0) {
                    zerosUpToStart(placement);
                    for (List<Dirent> block : wholeBlocksOf(placement, directory)) {
                        DirectoryBlocks.writeBlock(block, room(ErofsFormat.BLOCK_BYTES));
                        zerosUpToBlock();
                    }
                }
            }
            case InodeKind.RegularFile _,
                    InodeKind.CharacterDevice _,
                    InodeKind.BlockDevice _,
                    InodeKind.Fifo _,
                    InodeKind.Socket _ -> {}
        }
    }

    private void writeSharedXattrs() throws IOException {
        if (layout.sharedXattrBlock() > 0) {
            zerosUpTo(layout.sharedXattrBlock() << ErofsFormat.BLOCK_BITS);
        }
        for (SharedXattrs.Xattr xattr : layout.sharedXattrs().inOrder()) {
            int size = XattrBody.entryBytes(xattr.name(), xattr.value());
            XattrBody.writeEntry(xattr.name(), xattr.value(), room(size));
        }
    }

    private List<List<Dirent>> wholeBlocksOf(
            InodePlacement placement, InodeKind.Directory directory) {
        List<List<Dirent>> blocks = blocksOf(placement, directory);
        return placement.shape().inline() ? blocks.subList(0, blocks.size() - 1) : blocks;
    }

    private List<List<Dirent>> blocksOf(InodePlacement placement, InodeKind.Directory directory) {
        List<Dirent> entries = new ArrayList<>();
        entries.add(new Dirent(DirectoryBlocks.SELF, placement.nid(), ErofsInode.Type.DIRECTORY));
        Inode parent = parents.get(placement.inode());
        entries.add(
                new Dirent(
                        DirectoryBlocks.PARENT,
                        layout.placementOf(parent).nid(),
                        ErofsInode.Type.DIRECTORY));
        for (Map.Entry<ByteString, Inode> entry : directory.entries().entrySet()) {
            Inode child = entry.getValue();
            entries.add(
                    new Dirent(
                            entry.getKey(),
                            layout.placementOf(child).nid(),
                            ErofsFormat.typeOf(child.kind())));
        }
        return DirectoryBlocks.split(entries);
    }

    private void zerosUpToStart(InodePlacement placement) throws IOException {
        zerosUpTo(Integer.toUnsignedLong(placement.startBlock()) << ErofsFormat.BLOCK_BITS);
    }

    private void zerosUpToBlock() throws IOException {
        zerosUpTo(ErofsFormat.roundUp(flushedBytes + buffer.position(), ErofsFormat.BLOCK_BYTES));
    }

    private void zerosUpTo(long offsetBytes) throws IOException {
        int count = Math.toIntExact(offsetBytes - flushedBytes - buffer.position());
        ByteBuffer to = room(count);
        zeros(to, to.position() + count);
    }

    private static void zeros(ByteBuffer to, int end) {
        while (to.position() < end) {
            to.put((byte) 0);
        }
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void flush() throws IOException {
        if (flushedBytes == 0) {
            buffer.putInt(ErofsFormat.CHECKSUM_OFFSET_BYTES, checksum());
        }
        flushedBytes += buffer.position();
        buffer.flip();
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
        buffer.clear();
    }

    /**
     * CRC-32C over the first block from the superblock on, inodes included, with the checksum as 0;
     * started with all ones as usual, but not inverted at the end. The first flush always has the
     * whole block: the buffer is larger than any piece that would not fit, plus a block.
     */
    private int checksum() {
        CRC32C crc = new CRC32C();
        int length = ErofsFormat.BLOCK_BYTES - ErofsFormat.SUPERBLOCK_OFFSET_BYTES;
        crc.update(buffer.array(), ErofsFormat.SUPERBLOCK_OFFSET_BYTES, length);
        return ~(int) crc.getValue();
    }
}
