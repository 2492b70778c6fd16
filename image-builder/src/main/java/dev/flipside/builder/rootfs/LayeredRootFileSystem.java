package dev.flipside.builder.rootfs;

import dev.flipside.builder.oci.ContentDigest;
import dev.flipside.builder.oci.ImageFiles;
import dev.flipside.builder.oci.ImageRefusal;
import dev.flipside.builder.oci.Layer;
import dev.flipside.builder.oci.LayeredImage;
import dev.flipside.erofs.FileTree;
import dev.flipside.erofs.Inode;
import dev.flipside.failure.FlipsideException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * A root file system in the layers of a container image.
 *
 * <p>The first pass reads every layer to its end, checks its digests, and keeps its entries; then
 * they are laid over each other. The second pass reads the layers again, in any order, and hands
 * out only those files that no layer above replaced or hid.
 */
final class LayeredRootFileSystem implements RootFileSystem {
    private final ImageFiles files;
    private final ImageRefusal refusal;
    private final Map<String, LayerFile> layers = new LinkedHashMap<>();
    private final PaxKeys keys = new PaxKeys();
    private final TreeAssembly.Assembled assembled;

    LayeredRootFileSystem(ImageFiles files, LayeredImage image)
            throws IOException, FlipsideException {
        this.files = files;
        this.refusal = new ImageRefusal(files.name());
        MetadataBudget budget = MetadataBudget.ofHeap(files.name());
        for (Layer layer : image.layers()) {
            layers.computeIfAbsent(
                    layer.path(),
                    _ -> {
                        TarRefusal named = new TarRefusal(files.name() + ": " + layer.label());
                        return new LayerFile(
                                layer,
                                named,
                                new TarPasses(named, budget),
                                new LayerEntries(named));
                    });
            requireSameDiffId(layer);
        }
        files.read(layers.keySet(), this::readFirst);
        TreeAssembly assembly = new TreeAssembly(new TarRefusal(files.name()));
        for (Layer layer : image.layers()) {
            layers.get(layer.path()).entries().applyTo(assembly);
        }
        this.assembled = assembly.assembled();
        Set<Inode> kept = new HashSet<>(tree().inodes());
        layers.values().forEach(layer -> layer.passes().keep(kept));
    }

    /** One file, which may be several layers. */
    private record LayerFile(
            Layer layer, TarRefusal refusal, TarPasses passes, LayerEntries entries) {}

    private void requireSameDiffId(Layer layer) throws FlipsideException {
        ContentDigest first = layers.get(layer.path()).layer().diffId();
        if (!layer.diffId().equals(first)) {
            throw refusal.mismatch(layer.label(), first.toString(), layer.diffId().toString());
        }
    }

    private void readFirst(String path, InputStream bytes) throws IOException, FlipsideException {
        LayerFile file = layers.get(path);
        Layer layer = file.layer();
        DigestedStream packed = new DigestedStream(bytes, layer.digest().orElse(layer.diffId()));
        DigestedStream tar;
        try {
            ArchiveStream unpacked = ArchiveStream.open(packed, file.refusal());
            requireFormat(layer, unpacked.compression());
            tar = new DigestedStream(unpacked, layer.diffId());
            file.passes().read(tar, keys, file.entries());
        } catch (FlipsideException e) {
            // Wrong bytes are the better reason than what they cannot be read as.
            requireDigest(layer, packed);
            throw e;
        }
        ContentDigest diffId = tar.finish();
        requireDigest(layer, packed);
        if (!diffId.equals(layer.diffId())) {
            throw refusal.mismatch(
                    layer.label() + ", diff_id", layer.diffId().toString(), diffId.toString());
        }
    }

    private void requireDigest(Layer layer, DigestedStream packed)
            throws IOException, FlipsideException {
        ContentDigest found = packed.finish();
        if (layer.digest().isPresent() && !layer.digest().get().equals(found)) {
            throw refusal.mismatch(
                    layer.label(), layer.digest().get().toString(), found.toString());
        }
    }

    private void requireFormat(Layer layer, Compression found) throws FlipsideException {
        if (layer.format().isPresent() && !layer.format().get().label().equals(found.label())) {
            throw refusal.malformed(
                    layer.label(),
                    layer.format().get().label() + ", as its media type says",
                    found.label());
        }
    }

    /** What the layers say that an image cannot hold. */
    void report(Consumer<InputNotice> notices) {
        keys.report(files.name(), notices);
    }

    @Override
    public FileTree tree() {
        return assembled.tree();
    }

    @Override
    public Instant newestChange() {
        return assembled.newestChange();
    }

    /** The digests are checked again: a layer that changed in between is not what was checked. */
    @Override
    public void forEachContent(ContentSink sink) throws IOException, FlipsideException {
        Set<String> wanted = new TreeSet<>();
        layers.forEach(
                (path, file) -> {
                    if (file.passes().hasContents()) {
                        wanted.add(path);
                    }
                });
        files.read(
                wanted,
                (path, bytes) -> {
                    LayerFile file = layers.get(path);
                    DigestedStream tar =
                            new DigestedStream(
                                    ArchiveStream.open(bytes, file.refusal()),
                                    file.layer().diffId());
                    file.passes().forEachContent(tar, sink);
                    if (!tar.finish().equals(file.layer().diffId())) {
                        throw file.refusal().changed("another digest");
                    }
                });
    }
}
