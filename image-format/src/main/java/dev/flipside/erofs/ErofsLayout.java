package dev.flipside.erofs;

import dev.flipside.erofs.InodePlacement.Shape;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.UUID;

/**
 * Every position of an uncompressed EROFS image, planned before a byte of it is written.
 *
 * <p>The image is the superblock with the inodes right after it, in path order; then the blocks of
 * directories and symbolic links that do not fit beside their inodes; then the shared extended
 * attributes, from a block boundary on; then the contents of regular files, in path order, each
 * from a block boundary on. Between them there is room to spare ({@link StablePlacement}).
 *
 * <p>Invariants: the same tree, UUID and build time give the same layout. The root is the first
 * inode, so that its nid fits the superblock's 16 bits. An inode with its attributes and inline
 * data crosses no block boundary unless it is larger than a block, so the kernel never meets inline
 * data across blocks. Regular files hold nothing inline, so that an unchanged file is the same
 * blocks in every image. An empty file has no block.
 */
public final class ErofsLayout {
    private static final long MAX_BLOCKS = 0xffff_fffeL;
    private static final long MAX_UNSIGNED_SHORT = 0xffffL;
    private static final long MAX_UNSIGNED_INT = 0xffff_ffffL;

    private final FileTree tree;
    private final UUID uuid;
    private final Instant buildTime;
    private final List<InodePlacement> placements = new ArrayList<>();
    private final IdentityHashMap<Inode, InodePlacement> byInode = new IdentityHashMap<>();
    private final SharedXattrs sharedXattrs;
    private final StablePlacement stable;
    private final long sharedXattrBlock;
    private final long contentStartBlock;
    private final long blocks;

    private ErofsLayout(FileTree tree, UUID uuid, Instant buildTime) throws FlipsideException {
        this.tree = tree;
        this.uuid = uuid;
        this.buildTime = buildTime;
        for (Inode inode : tree.inodes()) {
            requireSupported(inode);
        }
        this.sharedXattrs = SharedXattrs.of(tree);
        List<Shape> shapes = new ArrayList<>();
        long contentBlocks = 0;
        for (Inode inode : tree.inodes()) {
            Shape shape = shapeOf(inode);
            shapes.add(shape);
            contentBlocks += isContent(inode) ? shape.blocks() : 0;
        }
        this.stable = StablePlacement.of(tree, contentBlocks);
        long[] offsets = offsetsOf(shapes);
        long inodeBlocks = ErofsFormat.blocksFor(offsets[shapes.size()]);
        long[] extraStarts = new long[shapes.size()];
        this.sharedXattrBlock = extraBlocks(shapes, inodeBlocks, extraStarts);
        long metadataEnd = sharedXattrBlock + ErofsFormat.blocksFor(sharedXattrs.sizeBytes());
        this.contentStartBlock =
                contentBlocks == 0 ? metadataEnd : stable.contentStart(metadataEnd);
        this.blocks = placeBlocks(shapes, offsets, extraStarts);
    }

    /**
     * Plans the image of a tree.
     *
     * @param buildTime goes into the superblock, and lets inodes of just that time be compact
     * @throws FlipsideException {@code rootfs-unsupported} when EROFS cannot hold it
     */
    public static ErofsLayout plan(FileTree tree, UUID uuid, Instant buildTime)
            throws FlipsideException {
        return new ErofsLayout(tree, uuid, buildTime);
    }

    /** The size of the whole image, a multiple of 4096. */
    public long sizeBytes() {
        return blocks << ErofsFormat.BLOCK_BITS;
    }

    /** Where the contents of regular files begin, a multiple of 4096: all before is metadata. */
    public long metadataSizeBytes() {
        return contentStartBlock << ErofsFormat.BLOCK_BITS;
    }

    /** Where the contents of a regular file of the tree go; the rest of its last block is zeros. */
    public Extent extentOf(Inode file) {
        InodePlacement placement = placementOf(file);
        if (!isContent(file)) {
            throw new IllegalArgumentException("not a regular file");
        }
        long sizeBytes = placement.shape().dataBytes();
        long start = Integer.toUnsignedLong(placement.startBlock()) << ErofsFormat.BLOCK_BITS;
        return sizeBytes == 0 ? new Extent(0, 0) : new Extent(start, sizeBytes);
    }

    /** The bytes right before the contents of a file that are nobody's, and zero. */
    public long spareBytesBefore(Inode file) {
        return placementOf(file).spareBlocks() << ErofsFormat.BLOCK_BITS;
    }

    /** Writes superblock, inodes and directories, from position 0 on, in one go. */
    public void writeMetadata(SeekableByteChannel out) throws IOException {
        new MetadataWriter(this, out).write();
    }

    FileTree tree() {
        return tree;
    }

    UUID uuid() {
        return uuid;
    }

    Instant buildTime() {
        return buildTime;
    }

    long blocks() {
        return blocks;
    }

    SharedXattrs sharedXattrs() {
        return sharedXattrs;
    }

    /** Where the shared attributes begin, or 0 when there are none. */
    long sharedXattrBlock() {
        return sharedXattrs.isEmpty() ? 0 : sharedXattrBlock;
    }

    /** In the order of {@link FileTree#inodes()}, which is that of their offsets. */
    List<InodePlacement> placements() {
        return Collections.unmodifiableList(placements);
    }

    InodePlacement placementOf(Inode inode) {
        InodePlacement placement = byInode.get(inode);
        if (placement == null) {
            throw new IllegalArgumentException("not an inode of this layout");
        }
        return placement;
    }

    /** Bytes that are put in a second pass, and not by {@link #writeMetadata}. */
    private static boolean isContent(Inode inode) {
        return inode.kind() instanceof InodeKind.RegularFile;
    }

    private Shape shapeOf(Inode inode) {
        int xattrBytes = XattrBody.sizeBytes(inode.attributes().xattrs(), sharedXattrs);
        long dataBytes =
                switch (inode.kind()) {
                    case InodeKind.RegularFile file -> file.sizeBytes();
                    case InodeKind.Directory directory ->
                            DirectoryBlocks.sizeBytes(directory.entries().keySet());
                    case InodeKind.Symlink symlink -> symlink.target().length();
                    case InodeKind.CharacterDevice _,
                            InodeKind.BlockDevice _,
                            InodeKind.Fifo _,
                            InodeKind.Socket _ ->
                            0;
                };
        boolean compact = fitsCompact(inode, dataBytes);
        Shape inline = new Shape(compact, xattrBytes, dataBytes, true);
        boolean fitsInline =
                !isContent(inode)
                        && inline.tailBytes() > 0
                        && inline.sizeBytes() <= ErofsFormat.BLOCK_BYTES;
        return fitsInline ? inline : new Shape(compact, xattrBytes, dataBytes, false);
    }

    private void requireSupported(Inode inode) throws FlipsideException {
        InodeAttributes attributes = inode.attributes();
        if (!XattrBody.fits(attributes.xattrs())) {
            throw unsupported(
                    "'" + tree.pathOf(inode) + "'",
                    "extended attributes user.*, trusted.*, security.* and POSIX ACLs, up to"
                            + " 65535 bytes each and 262148 in all",
                    attributes.xattrs().keySet().toString());
        }
        if (inode.kind() instanceof InodeKind.Directory directory
                && directory.entries().size() > DirectoryBlocks.MAX_ENTRIES) {
            throw unsupported(
                    "'" + tree.pathOf(inode) + "'",
                    "at most " + DirectoryBlocks.MAX_ENTRIES + " entries",
                    Integer.toString(directory.entries().size()));
        }
    }

    /** A compact inode has 16-bit owners and links, a 32-bit size, and the build time as mtime. */
    private boolean fitsCompact(Inode inode, long dataBytes) {
        InodeAttributes attributes = inode.attributes();
        return attributes.uid() <= MAX_UNSIGNED_SHORT
                && attributes.gid() <= MAX_UNSIGNED_SHORT
                && tree.linkCount(inode) <= MAX_UNSIGNED_SHORT
                && dataBytes <= MAX_UNSIGNED_INT
                && attributes.changed().equals(buildTime);
    }

    /** The offset of each inode, and at last the end of the inodes. */
    private long[] offsetsOf(List<Shape> shapes) {
        long[] offsets = new long[shapes.size() + 1];
        long end = ErofsFormat.SUPERBLOCK_OFFSET_BYTES + ErofsFormat.SUPERBLOCK_BYTES;
        for (int i = 0; i < shapes.size(); i++) {
            long offset = ErofsFormat.roundUp(end, ErofsFormat.SLOT_BYTES);
            int inBlock = (int) (offset % ErofsFormat.BLOCK_BYTES);
            if (inBlock + shapes.get(i).sizeBytes() > ErofsFormat.BLOCK_BYTES) {
                offset = ErofsFormat.roundUp(offset, ErofsFormat.BLOCK_BYTES);
            }
            offsets[i] = offset;
            end = stable.afterInode(i, offset + shapes.get(i).sizeBytes());
        }
        offsets[shapes.size()] = end;
        return offsets;
    }

    /** Finds where the blocks of directories and links start, and returns where they end. */
    private long extraBlocks(List<Shape> shapes, long inodeBlocks, long[] starts) {
        long next = inodeBlocks;
        for (int i = 0; i < shapes.size(); i++) {
            long blocksOfOne = isContent(tree.inodes().get(i)) ? 0 : shapes.get(i).blocks();
            starts[i] = next;
            next = stable.afterDirectory(i, blocksOfOne, next + blocksOfOne);
        }
        return next;
    }

    /** Gives each inode its whole blocks, and returns the number of blocks of the image. */
    private long placeBlocks(List<Shape> shapes, long[] offsets, long[] extraStarts)
            throws FlipsideException {
        long nextContent = contentStartBlock;
        long end = contentStartBlock;
        for (int i = 0; i < shapes.size(); i++) {
            Inode inode = tree.inodes().get(i);
            Shape shape = shapes.get(i);
            long start = isContent(inode) ? nextContent : extraStarts[i];
            long spare = isContent(inode) ? start - end : 0;
            if (start + shape.blocks() > MAX_BLOCKS) {
                throw unsupported(
                        "root file system", "at most 2^32 blocks of 4096 bytes", "more than that");
            }
            if (isContent(inode) && shape.blocks() > 0) {
                end = start + shape.blocks();
                nextContent = stable.afterContent(i, shape.blocks(), end);
            }
            int startBlock = shape.blocks() == 0 ? ErofsFormat.NO_BLOCK : (int) start;
            InodePlacement placement =
                    new InodePlacement(inode, offsets[i], shape, startBlock, spare);
            placements.add(placement);
            byInode.put(inode, placement);
        }
        return end;
    }

    private static FlipsideException unsupported(String what, String expected, String found) {
        return new FlipsideException(
                FailureCode.ROOTFS_UNSUPPORTED,
                what,
                expected,
                found,
                "leave it out of the root file system");
    }
}
