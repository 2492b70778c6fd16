package dev.flipside.builder.oci;

import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import java.util.ArrayList;
import java.util.List;

/** What the configuration of an image says of its platform and its layers. */
record ImageConfig(Platform platform, List<ContentDigest> diffIds) {
    static final int MAX_LAYERS = 1000;

    static ImageConfig parse(JsonFields config) throws FlipsideException {
        JsonFields rootfs = config.object("rootfs");
        List<ContentDigest> diffIds = new ArrayList<>();
        for (String text : rootfs.strings("diff_ids", MAX_LAYERS)) {
            diffIds.add(
                    ContentDigest.parse(text)
                            .orElseThrow(
                                    () ->
                                            rootfs.unexpected(
                                                    "diff_ids",
                                                    "digests of sha256 or sha512",
                                                    rootfs.node().get("diff_ids"))));
        }
        return new ImageConfig(Platform.parse(config), diffIds);
    }

    void requireLayers(int count, String where, ImageRefusal refusal) throws FlipsideException {
        if (diffIds.size() != count) {
            throw refusal.malformed(
                    where,
                    "as many layers as diff_ids, which are " + diffIds.size(),
                    Integer.toString(count));
        }
    }

    void requireLinux(String where, ImageRefusal refusal) throws FlipsideException {
        if (!platform.os().equals("linux")) {
            throw refusal.unsupported(
                    where, "an image of Linux", "one of '" + platform + "'", "give another image");
        }
    }
}
