package dev.flipside.builder.rootfs;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Makes OCI layouts and docker archives, right ones and wrong ones, in memory. */
public final class TestingContainerImage {
    static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private final TreeMap<String, byte[]> files = new TreeMap<>();
    private final List<String> layerDescriptors = new ArrayList<>();
    private final List<String> diffIds = new ArrayList<>();
    private final List<String> manifestDescriptors = new ArrayList<>();
    private final List<String> dockerImages = new ArrayList<>();
    private String architecture = "amd64";

    /** By path; tests change it as they like. */
    public Map<String, byte[]> files() {
        return files;
    }

    public TestingContainerImage architecture(String name) {
        architecture = name;
        return this;
    }

    public TestingContainerImage layer(byte[] tar) {
        return layer(tar, tar, LAYER);
    }

    public TestingContainerImage gzipLayer(byte[] tar) {
        return layer(tar, gzip(tar), LAYER + "+gzip");
    }

    public TestingContainerImage zstdLayer(byte[] tar) {
        return layer(tar, Zstd.compress(tar), LAYER + "+zstd");
    }

    TestingContainerImage layer(byte[] tar, byte[] packed, String mediaType) {
        layerDescriptors.add(blob(mediaType, packed, ""));
        diffIds.add("sha256:" + sha256(tar));
        return this;
    }

    /** Ends an image: configuration and manifest for the layers since the last one. */
    public TestingContainerImage image(String name) {
        return image(
                name,
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}".formatted(architecture));
    }

    TestingContainerImage image(String name, String moreOfDescriptor) {
        byte[] manifest = manifest();
        String annotation =
                name.isEmpty()
                        ? ""
                        : ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"%s\"}"
                                .formatted(name);
        manifestDescriptors.add(blob(MANIFEST, manifest, annotation + moreOfDescriptor));
        return this;
    }

    private byte[] manifest() {
        byte[] config = config();
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                        .formatted(
                                MANIFEST,
                                blob(CONFIG, config, ""),
                                String.join(",", layerDescriptors));
        layerDescriptors.clear();
        diffIds.clear();
        return utf8(manifest);
    }

    private byte[] config() {
        String quoted = diffIds.isEmpty() ? "" : "\"" + String.join("\",\"", diffIds) + "\"";
        return utf8(
                "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[%s]}}"
                        .formatted(architecture, quoted));
    }

    /** Puts the manifests since the last one into an index of their own. */
    TestingContainerImage nested(String name) {
        byte[] index = index();
        manifestDescriptors.clear();
        String annotation =
                ",\"annotations\":{\"io.containerd.image.name\":\"%s\"}".formatted(name);
        manifestDescriptors.add(blob(INDEX, index, annotation));
        return this;
    }

    private byte[] index() {
        return utf8(
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                        .formatted(INDEX, String.join(",", manifestDescriptors)));
    }

    /** The same as {@code docker save} had it before it wrote OCI layouts. */
    public TestingContainerImage dockerImage(String name, byte[]... tars) {
        List<String> paths = new ArrayList<>();
        for (byte[] tar : tars) {
            String path = sha256(tar) + "/layer.tar";
            files.put(path, tar);
            paths.add("\"" + path + "\"");
            diffIds.add("sha256:" + sha256(tar));
        }
        byte[] config = config();
        diffIds.clear();
        files.put(sha256(config) + ".json", config);
        dockerImages.add(
                "{\"Config\":\"%s.json\",\"RepoTags\":[\"%s\"],\"Layers\":[%s]}"
                        .formatted(sha256(config), name, String.join(",", paths)));
        files.put("manifest.json", utf8("[" + String.join(",", dockerImages) + "]"));
        return this;
    }

    /** Adds a blob, and gives its descriptor. */
    String blob(String mediaType, byte[] bytes, String more) {
        files.put("blobs/sha256/" + sha256(bytes), bytes);
        return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d%s}"
                .formatted(mediaType, sha256(bytes), bytes.length, more);
    }

    /** Index and mark, from the images so far. */
    public TestingContainerImage finished() {
        files.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
        files.put("index.json", index());
        return this;
    }

    TestingContainerImage replaceInIndex(String old, String with) {
        String index = new String(files.get("index.json"), StandardCharsets.UTF_8);
        if (!index.contains(old)) {
            throw new IllegalStateException(index);
        }
        files.put("index.json", utf8(index.replace(old, with)));
        return this;
    }

    public Path inFolder(Path folder) throws IOException {
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return folder;
    }

    public Path inTar(Path file) throws IOException {
        return Files.write(file, tar().finished());
    }

    TestingTar tar() {
        TestingTar tar = new TestingTar();
        files.forEach(
                (path, bytes) ->
                        tar.entry(new TestingTar.Header(path, '0').size(bytes.length), bytes));
        return tar;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    static byte[] xz(byte[] bytes, int dictionaryBytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(dictionaryBytes);
        try (XZOutputStream xz = new XZOutputStream(out, options)) {
            xz.write(bytes);
        }
        return out.toByteArray();
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
