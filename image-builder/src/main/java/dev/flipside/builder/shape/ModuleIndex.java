package dev.flipside.builder.shape;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The binary index {@code modules.dep.bin} of kmod ({@code libkmod-index.h}), big-endian: magic
 * {@code 0xb007f457}, version {@code 0x00020001}, offset of the root node; then the nodes of a
 * trie. The upper bits of an offset say what its node has: a prefix, children, values.
 *
 * <p>Invariant: an index that is rewritten has its nodes in the order that they had, which differs
 * between versions of kmod, so that it is what their {@code depmod} would write.
 */
final class ModuleIndex {
    private static final int MAGIC = 0xb007f457;
    private static final int VERSION = 0x00020001;
    private static final int HEADER_BYTES = 12;
    private static final int HAS_PREFIX = 0x80000000;
    private static final int HAS_VALUES = 0x40000000;
    private static final int HAS_CHILDREN = 0x20000000;
    private static final int OFFSET = 0x0fffffff;

    private final String what;
    private final ByteBuffer from;
    private final UnaryOperator<String> change;
    private final TreeMap<Integer, Node> nodes = new TreeMap<>();

    private ModuleIndex(byte[] bytes, String what, UnaryOperator<String> change) {
        this.what = what;
        this.from = ByteBuffer.wrap(bytes);
        this.change = change;
    }

    /**
     * One node: bytes that stay as they are, offsets of children, and values that have been
     * changed.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Node(int flags, byte[] head, int[] children, byte[] values) {
        int sizeBytes() {
            return head.length + children.length * Integer.BYTES + values.length;
        }
    }

    /**
     * The same index with other values.
     *
     * @param what names it in the failure
     * @throws FlipsideException {@code rootfs-unsupported}
     */
    static byte[] rewrite(byte[] bytes, String what, UnaryOperator<String> change)
            throws FlipsideException {
        return new ModuleIndex(bytes, what, change).rewritten();
    }

    private byte[] rewritten() throws FlipsideException {
        int root;
        try {
            if (from.getInt() != MAGIC || from.getInt() != VERSION) {
                throw refused("another magic or version");
            }
            root = from.getInt();
            read(root);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw refused("an offset beyond its end");
        }
        Map<Integer, Integer> moved = new HashMap<>();
        int end = HEADER_BYTES;
        for (Map.Entry<Integer, Node> node : nodes.entrySet()) {
            moved.put(node.getKey(), end);
            end += node.getValue().sizeBytes();
        }
        ByteBuffer to = ByteBuffer.allocate(end);
        to.putInt(MAGIC).putInt(VERSION).putInt(moved(root, moved));
        for (Node node : nodes.values()) {
            to.put(node.head());
            for (int child : node.children()) {
                to.putInt(moved(child, moved));
            }
            to.put(node.values());
        }
        return to.array();
    }

    /** No child is offset 0. */
    private static int moved(int offset, Map<Integer, Integer> moved) {
        int at = offset & OFFSET;
        return at == 0 ? offset : moved.get(at) | (offset & ~OFFSET);
    }

    /** Nodes that overlap would make more of an index than there is of it. */
    private void read(int root) throws FlipsideException {
        Deque<Integer> pending = new ArrayDeque<>();
        pending.push(root);
        int bytesLeft = from.limit();
        while (!pending.isEmpty()) {
            int offset = pending.pop();
            int at = offset & OFFSET;
            if (at == 0) {
                continue;
            }
            Node known = nodes.get(at);
            if (known == null) {
                Node node = node(offset);
                nodes.put(at, node);
                bytesLeft -= from.position() - at;
                for (int child : node.children()) {
                    pending.push(child);
                }
            }
            if (bytesLeft < 0 || (known != null && known.flags() != (offset & ~OFFSET))) {
                throw refused("nodes that overlap");
            }
        }
    }

    private Node node(int offset) {
        from.position(offset & OFFSET);
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        if ((offset & HAS_PREFIX) != 0) {
            put(head, text());
        }
        int[] children = new int[0];
        if ((offset & HAS_CHILDREN) != 0) {
            byte first = from.get();
            byte last = from.get();
            head.write(first);
            head.write(last);
            children = new int[Math.max(0, last - first + 1)];
            for (int i = 0; i < children.length; i++) {
                children[i] = from.getInt();
            }
        }
        byte[] values = (offset & HAS_VALUES) != 0 ? values() : new byte[0];
        return new Node(offset & ~OFFSET, head.toByteArray(), children, values);
    }

    private byte[] values() {
        ByteArrayOutputStream to = new ByteArrayOutputStream();
        int count = from.getInt();
        put(to, count);
        for (int i = 0; i < count; i++) {
            put(to, from.getInt());
            String value = new String(text(), StandardCharsets.ISO_8859_1);
            put(to, change.apply(value).getBytes(StandardCharsets.ISO_8859_1));
        }
        return to.toByteArray();
    }

    private byte[] text() {
        int start = from.position();
        while (from.get() != 0) {
            // The buffer ends the search.
        }
        byte[] text = new byte[from.position() - 1 - start];
        from.get(start, text);
        return text;
    }

    private static void put(ByteArrayOutputStream to, byte[] text) {
        to.writeBytes(text);
        to.write(0);
    }

    private static void put(ByteArrayOutputStream to, int number) {
        to.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }

    private FlipsideException refused(String found) {
        return new FlipsideException(
                FailureCode.ROOTFS_UNSUPPORTED,
                what,
                "an index of kmod, version 2.1",
                found,
                "run depmod in the root file system");
    }
}
