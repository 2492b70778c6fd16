package dev.flipside.builder.cli;

import dev.flipside.builder.release.BuildProgress;
import dev.flipside.builder.rootfs.InputNotice;
import dev.flipside.json.StrictJson;

/** Shows on a console how far a build is; what its input says in vain is a line of warning. */
record ConsoleProgress(Console console) implements BuildProgress {
    @Override
    public Step begin(String name, long total) {
        return console.progress(name, total);
    }

    @Override
    public void notice(InputNotice notice) {
        if (console.json()) {
            console.event(
                    "warning",
                    StrictJson.object()
                            .put("what", notice.what())
                            .put("found", notice.found())
                            .put("effect", notice.effect()));
        } else {
            console.complain("warning: " + notice.line());
        }
    }
}
