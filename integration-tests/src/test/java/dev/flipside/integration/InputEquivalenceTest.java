package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One tree, with every kind of entry that a tar can hold, is the same image, hash tree, pack and
 * UKI from every form that {@code --rootfs} takes, wherever and in whatever time zone, calendar and
 * locale it is built; needs root for the directory.
 */
class InputEquivalenceTest {
    private static final long SEED = 3;

    private static final List<String> SAME =
            List.of("root.img", "root.verity", "blocks.pack", "blocks.index", "small_1.efi");

    private static final Object[] TAR_OPTIONS = {
        "--format=pax", "--xattrs", "--xattrs-include=*", "--numeric-owner", "--sparse"
    };

    /** Time zone, language, country, LC_ALL: one after the other for one build each. */
    private static final List<List<String>> PLACES =
            List.of(
                    List.of("UTC", "en", "US", "C.UTF-8"),
                    List.of("Asia/Kathmandu", "tr", "TR", "C"),
                    List.of("America/St_Johns", "th", "TH", "POSIX"),
                    List.of("Pacific/Chatham", "ar", "EG", "C.UTF-8"));

    @TempDir Path folder;

    @AfterEach
    void removeTrees() {
        Tools.find("rm").check("-rf", folder.resolve("tree"));
    }

    @Test
    void oneTreeIsTheSameBytesFromEveryFormInEveryTimeZoneAndLocale() throws Exception {
        Path tree = tree();
        int builds = 0;
        Path first = null;
        for (Map.Entry<String, Path> form : forms(tree).entrySet()) {
            Path out = folder.resolve("out-" + builds);
            build(form.getValue(), out, PLACES.get(builds++ % PLACES.size()));
            first = first == null ? out : first;
            for (String name : SAME) {
                assertEquals(
                        -1,
                        Files.mismatch(first.resolve(name), out.resolve(name)),
                        name + " from " + form.getKey() + ", seed " + SEED);
            }
        }
        assertEquals(9, builds);
    }

    /** The generated tree, without sockets, and with all that a release needs. */
    private Path tree() throws Exception {
        Path tree = GeneratedTree.in(folder, SEED);
        Path boot = SmallRoot.of("1").writeTar(folder.resolve("boot.tar"));
        Tools.find("tar").check("-C", tree, "-xpf", boot);
        Files.createDirectories(tree.resolve("var/opaque"));
        Files.writeString(tree.resolve("var/opaque/kept"), "kept");
        return tree;
    }

    private Map<String, Path> forms(Path tree) throws IOException {
        Path tar = tar("root.tar", "-C", tree, "-c", ".");
        Path sorted = tar("sorted.tar", "-C", tree, "--sort=name", "-c", ".");
        Map<String, Path> forms = new LinkedHashMap<>();
        forms.put("directory", tree);
        forms.put("directory again", tree);
        forms.put("tar", tar);
        forms.put("gzip", packed(sorted, "gz", "gzip"));
        forms.put("xz", packed(tar, "xz", "xz", "-0"));
        forms.put("zstd", packed(sorted, "zst", "zstd", "-1"));
        List<Path> layers = List.of(lowerLayer(tree), upperLayer(tree));
        Path layout = ContainerForms.ociLayout(folder.resolve("layout"), layers);
        forms.put("OCI layout", layout);
        forms.put("tar of an OCI layout", tar("layout.tar", "-C", layout, "-c", "."));
        forms.put("docker archive", ContainerForms.dockerArchive(folder.resolve("docker"), layers));
        return forms;
    }

    /** All of the tree, an older version of a file, and two things that go away. */
    private Path lowerLayer(Path tree) throws IOException {
        Path lower = tar("lower.tar", "-C", tree, "-c", ".");
        Path old = Files.createDirectories(folder.resolve("old"));
        Files.createDirectories(old.resolve("usr/bin"));
        Files.createDirectories(old.resolve("var/opaque"));
        Files.createDirectories(old.resolve("etc/removed-directory/deep"));
        Files.writeString(old.resolve("usr/bin/changed"), "older");
        Files.writeString(old.resolve("var/opaque/hidden"), "hidden");
        Files.writeString(old.resolve("etc/removed"), "removed");
        Files.writeString(old.resolve("etc/removed-directory/deep/file"), "removed");
        append(
                lower,
                old,
                "./usr/bin/changed",
                "./var/opaque/hidden",
                "./etc/removed",
                "./etc/removed-directory");
        return lower;
    }

    private Path upperLayer(Path tree) throws IOException {
        Path marks = Files.createDirectories(folder.resolve("marks"));
        Files.createDirectories(marks.resolve("etc"));
        Files.createDirectories(marks.resolve("var/opaque"));
        Files.createFile(marks.resolve("etc/.wh.removed"));
        Files.createFile(marks.resolve("etc/.wh.removed-directory"));
        Files.createFile(marks.resolve("var/opaque/.wh..wh..opq"));
        Path upper =
                tar(
                        "upper.tar",
                        "-C",
                        marks,
                        "-c",
                        "./etc/.wh.removed",
                        "./etc/.wh.removed-directory",
                        "./var/opaque/.wh..wh..opq");
        append(upper, tree, "./usr/bin/changed", "./var/opaque/kept");
        return upper;
    }

    private Path tar(String name, Object... arguments) {
        Path tar = folder.resolve(name);
        List<Object> line = new ArrayList<>(List.of(TAR_OPTIONS));
        line.addAll(List.of("-f", tar));
        line.addAll(List.of(arguments));
        Tools.find("tar").check(line.toArray());
        return tar;
    }

    private static void append(Path tar, Path from, String... paths) {
        List<Object> line = new ArrayList<>(List.of(TAR_OPTIONS));
        line.addAll(List.of("-f", tar, "-C", from, "-r"));
        line.addAll(List.of(paths));
        Tools.find("tar").check(line.toArray());
    }

    private Path packed(Path tar, String ending, String tool, String... options)
            throws IOException {
        Path packed = folder.resolve("packed." + ending);
        Files.copy(tar, packed.resolveSibling("packed"));
        List<Object> line = new ArrayList<>(List.of(options));
        line.addAll(List.of("-q", packed.resolveSibling("packed")));
        Tools.find(tool).check(line.toArray());
        Files.deleteIfExists(packed.resolveSibling("packed"));
        return packed;
    }

    private static void build(Path rootfs, Path out, List<String> place) throws IOException {
        CommandLine.flipsideImage()
                .under(
                        List.of(
                                "-Duser.timezone=" + place.get(0),
                                "-Duser.language=" + place.get(1),
                                "-Duser.country=" + place.get(2)),
                        Map.of("TZ", place.get(0), "LC_ALL", place.get(3)))
                .check(
                        "build",
                        "--rootfs",
                        rootfs,
                        "--product",
                        "small",
                        "--version",
                        "1",
                        "--pack-level",
                        "1",
                        "--out",
                        out);
    }
}
