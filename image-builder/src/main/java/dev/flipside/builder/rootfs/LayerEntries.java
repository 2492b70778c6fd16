package dev.flipside.builder.rootfs;

import dev.flipside.erofs.Inode;
import dev.flipside.erofs.InodeAttributes;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of one layer, without contents, until those of the layers below are in place: the
 * layers of an archive need not stand in their order, and whiteouts, which hide what is below and
 * nothing of their own layer, may come after what replaces it (OCI image specification, "layer",
 * changesets).
 */
final class LayerEntries implements TarPasses.EntrySink {
    private static final ByteString WHITEOUT = ByteString.utf8(".wh.");
    private static final ByteString RESERVED = ByteString.utf8(".wh..wh.");
    private static final ByteString OPAQUE = ByteString.utf8(".wh..wh..opq");

    private final TarRefusal refusal;
    private final List<EntryPath> whiteouts = new ArrayList<>();
    private final List<List<ByteString>> opaques = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();

    LayerEntries(TarRefusal refusal) {
        this.refusal = refusal;
    }

    private sealed interface Change {}

    private record Put(ByteString path, Inode inode) implements Change {}

    private record PutDirectory(ByteString path, InodeAttributes attributes) implements Change {}

    private record Link(ByteString path, ByteString target) implements Change {}

    @Override
    public void node(TarEntry entry, Inode inode) throws FlipsideException {
        if (!isMark(entry.path())) {
            changes.add(new Put(entry.path(), inode));
        }
    }

    @Override
    public void directory(TarEntry entry) throws FlipsideException {
        if (!isMark(entry.path())) {
            changes.add(new PutDirectory(entry.path(), entry.attributes()));
        }
    }

    @Override
    public void hardLink(TarEntry entry, TarEntry.Content.HardLink link) throws FlipsideException {
        if (!isMark(entry.path())) {
            changes.add(new Link(entry.path(), link.target()));
        }
    }

    /** Lays the entries over what is there. */
    void applyTo(TreeAssembly tree) throws FlipsideException {
        tree.beginLayer(refusal);
        for (EntryPath path : whiteouts) {
            tree.whiteout(path);
        }
        for (List<ByteString> directory : opaques) {
            tree.clear(directory);
        }
        for (Change change : changes) {
            switch (change) {
                case Put(ByteString path, Inode inode) -> tree.put(path, inode);
                case PutDirectory(ByteString path, InodeAttributes attributes) ->
                        tree.putDirectory(path, attributes);
                case Link(ByteString path, ByteString target) -> tree.link(path, target);
            }
        }
    }

    /** Takes whiteouts and opaque marks aside; docker makes some of them as hard links. */
    private boolean isMark(ByteString path) throws FlipsideException {
        EntryPath parsed = EntryPath.parse(path, refusal);
        if (parsed.names().isEmpty() || !parsed.last().startsWith(WHITEOUT)) {
            return false;
        }
        ByteString name = parsed.last();
        if (name.equals(OPAQUE)) {
            opaques.add(parsed.parents());
            return true;
        }
        if (name.startsWith(RESERVED)) {
            throw refusal.unsupported(
                    path,
                    "a layer with whiteouts and opaque directories alone",
                    "'" + name + "' of AUFS",
                    "save the image with another storage driver");
        }
        List<ByteString> hidden = new ArrayList<>(parsed.parents());
        ByteString suffix = name.substring(WHITEOUT.length(), name.length());
        hidden.add(EntryPath.requireName(suffix, path, refusal));
        whiteouts.add(new EntryPath(path, hidden));
        return true;
    }
}
