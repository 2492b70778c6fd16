package dev.flipside.builder.shape;

import dev.flipside.builder.rootfs.PackedFile;
import dev.flipside.builder.rootfs.RootFileSystem;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeKind;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A root file system whose kernel modules are not packed, so that a block that stays the same in a
 * module stays the same in the image.
 *
 * <p>Of the files beside them only {@code modules.dep} and {@code modules.dep.bin} name files that
 * are packed: {@code modules.order} and {@code modules.builtin} have the names that the kernel's
 * build gave, and the others name modules. Sizes must be known before the image is laid out, so
 * that the modules are unpacked twice.
 */
final class DecompressedModules implements RootFileSystem {
    private static final Pattern MODULES =
            Pattern.compile("/(?:usr/)?lib/modules/[^/]+/.*\\.ko\\.(?:xz|zst|gz)", Pattern.DOTALL);
    private static final Pattern INDEXES =
            Pattern.compile("/(?:usr/)?lib/modules/[^/]+/modules\\.dep(?:\\.bin)?");
    private static final Pattern PACKED_NAME = Pattern.compile("\\.ko\\.(?:xz|zst|gz)(?=[:\\s]|$)");
    private static final String BINARY = ".bin";
    private static final int MAX_INDEX_BYTES = 32 << 20;

    private final RootFileSystem base;
    private final Map<Inode, ByteString> paths = new HashMap<>();
    private final Map<Inode, Long> sizes = new HashMap<>();
    private final Map<Inode, byte[]> indexes = new HashMap<>();
    private final TreeRewrite rewrite;

    DecompressedModules(RootFileSystem base) throws IOException, FlipsideException {
        this.base = base;
        TreeWalk.forEach(
                base.tree(),
                (path, inode) -> {
                    if (isModule(path) || matches(INDEXES, path)) {
                        paths.put(inode, path);
                    }
                });
        base.forEachContent(
                (file, bytes) -> {
                    ByteString path = paths.get(file);
                    if (path != null) {
                        measure(file, path, bytes);
                    }
                });
        this.rewrite = new TreeRewrite(base.tree(), new Unpacked());
    }

    private void measure(Inode file, ByteString path, InputStream bytes)
            throws IOException, FlipsideException {
        String what = "'" + path + "'";
        if (isModule(path)) {
            sizes.put(file, PackedFile.sizeBytes(bytes, what));
            return;
        }
        byte[] index = bytes.readNBytes(MAX_INDEX_BYTES + 1);
        if (index.length > MAX_INDEX_BYTES) {
            throw new FlipsideException(
                    FailureCode.ROOTFS_UNSUPPORTED,
                    what,
                    "at most " + MAX_INDEX_BYTES + " bytes",
                    "more",
                    "run depmod in the root file system");
        }
        indexes.put(
                file,
                path.toString().endsWith(BINARY)
                        ? ModuleIndex.rewrite(index, what, DecompressedModules::unpackedNames)
                        : unpackedNames(new String(index, StandardCharsets.ISO_8859_1))
                                .getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String unpackedNames(String text) {
        return PACKED_NAME.matcher(text).replaceAll(".ko");
    }

    private static ByteString unpackedName(ByteString name) {
        String latin1 = new String(name.toByteArray(), StandardCharsets.ISO_8859_1);
        return ByteString.of(unpackedNames(latin1).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static boolean isModule(ByteString path) {
        return matches(MODULES, path);
    }

    private static boolean matches(Pattern pattern, ByteString path) {
        return pattern.matcher(new String(path.toByteArray(), StandardCharsets.ISO_8859_1))
                .matches();
    }

    /** Links to modules get the new names, too. */
    private final class Unpacked implements TreeRewrite.Rule {
        @Override
        public ByteString name(ByteString path, ByteString name, Inode inode) {
            return isModule(path) && !inode.isDirectory() ? unpackedName(name) : name;
        }

        @Override
        public InodeKind kind(ByteString path, Inode inode) {
            if (sizes.containsKey(inode)) {
                return new InodeKind.RegularFile(sizes.get(inode));
            }
            if (indexes.containsKey(inode)) {
                return new InodeKind.RegularFile(indexes.get(inode).length);
            }
            if (isModule(path) && inode.kind() instanceof InodeKind.Symlink(ByteString target)) {
                return new InodeKind.Symlink(unpackedName(target));
            }
            return inode.kind();
        }
    }

    @Override
    public FileTree tree() {
        return rewrite.tree();
    }

    @Override
    public Instant newestChange() {
        return base.newestChange();
    }

    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        base.forEachContent(
                (file, bytes) -> {
                    Optional<Inode> now = rewrite.now(file);
                    if (indexes.containsKey(file)) {
                        sink.accept(now.orElseThrow(), new ByteArrayInputStream(indexes.get(file)));
                    } else if (sizes.containsKey(file)) {
                        String what = "'" + paths.get(file) + "'";
                        sink.accept(now.orElseThrow(), PackedFile.open(bytes, what));
                    } else {
                        sink.accept(now.orElseThrow(), bytes);
                    }
                });
    }
}
