package dev.flipside.builder.recipe;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.json.StrictJson;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One thing that an image has otherwise than the root file system that it is built from.
 *
 * @param subject what it is about, as whoever wrote it named it: a path, a pattern, an option
 * @param file the file or folder that is read for it
 * @param why the reason; always there for what stands in a recipe
 */
public record Change(Kind kind, String subject, Optional<Path> file, Optional<String> why) {
    /** What is changed; the code is the name in recipes, in the provenance and on screens. */
    public enum Kind {
        EXCLUDE("exclude"),
        OVERLAY("overlay"),
        DECOMPRESS_MODULES("decompress-modules"),
        SELINUX_CONTEXTS("selinux-contexts"),
        KERNEL_OPTION("kernel-option");

        private final String code;

        Kind(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    /** As the provenance keeps it: kind, subject and, where there is one, why. */
    public ObjectNode json() {
        ObjectNode json = StrictJson.object().put("kind", kind.code()).put("subject", subject);
        why.ifPresent(reason -> json.put("why", reason));
        return json;
    }
}
