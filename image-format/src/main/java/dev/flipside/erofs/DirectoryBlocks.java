package dev.flipside.erofs;

import dev.flipside.format.ByteString;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The data of a directory. Each 4096-byte block holds entries (u64 nid, u16 offset of the name in
 * the block, u8 file type, u8 reserved) and after them their names, without terminators; the first
 * entry's name offset tells how many entries there are. {@code .} and {@code ..} stand among the
 * others, as the kernel searches all of them by bisection: first the block, then the entry.
 *
 * <p>Invariants: names ascend, bytewise unsigned, over the whole directory; an entry and its name
 * are in one block; each block but the last is filled with zeros to 4096.
 */
final class DirectoryBlocks {
    /** Ours, so that a reader needs no unbounded memory; the format has no limit. */
    static final int MAX_ENTRIES = 1 << 20;

    static final ByteString SELF = ByteString.utf8(".");
    static final ByteString PARENT = ByteString.utf8("..");

    private DirectoryBlocks() {}

    record Dirent(ByteString name, long nid, ErofsInode.Type type) {
        int sizeBytes() {
            return ErofsFormat.DIRENT_BYTES + name.length();
        }
    }

    /** The size of a directory with these names, {@code .} and {@code ..} not among them. */
    static long sizeBytes(Collection<ByteString> names) {
        List<ByteString> all = new ArrayList<>(names);
        all.add(SELF);
        all.add(PARENT);
        all.sort(Comparator.naturalOrder());
        long fullBlocks = 0;
        int used = 0;
        for (ByteString name : all) {
            int size = ErofsFormat.DIRENT_BYTES + name.length();
            if (used + size > ErofsFormat.BLOCK_BYTES) {
                fullBlocks++;
                used = 0;
            }
            used += size;
        }
        return fullBlocks * ErofsFormat.BLOCK_BYTES + used;
    }

    /** Sorts the entries, {@code .} and {@code ..} among them, into blocks. */
    static List<List<Dirent>> split(List<Dirent> entries) {
        List<Dirent> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparing(Dirent::name));
        List<List<Dirent>> blocks = new ArrayList<>();
        int from = 0;
        int used = 0;
        for (int i = 0; i < sorted.size(); i++) {
            int size = sorted.get(i).sizeBytes();
            if (used + size > ErofsFormat.BLOCK_BYTES) {
                blocks.add(sorted.subList(from, i));
                from = i;
                used = 0;
            }
            used += size;
        }
        blocks.add(sorted.subList(from, sorted.size()));
        return blocks;
    }

    /** Writes one block without the zeros that may follow it. */
    static void writeBlock(List<Dirent> block, ByteBuffer out) {
        int nameOffset = block.size() * ErofsFormat.DIRENT_BYTES;
        for (Dirent entry : block) {
            out.putLong(entry.nid()).putShort((short) nameOffset);
            out.put((byte) entry.type().direntNumber()).put((byte) 0);
            nameOffset += entry.name().length();
        }
        for (Dirent entry : block) {
            entry.name().putInto(out);
        }
    }
}
