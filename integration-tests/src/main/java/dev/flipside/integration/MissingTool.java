package dev.flipside.integration;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import java.io.IOException;
import java.io.Serial;

/** What the tool tree should have brought is not there; {@code input-missing}. */
public final class MissingTool extends IOException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    /**
     * One for a program or a file.
     *
     * @param what as {@code swtpm}
     * @param expected where it would be
     */
    public MissingTool(String what, String expected) {
        this(
                new Failure(
                        FailureCode.INPUT_MISSING,
                        what,
                        expected,
                        "none there",
                        "run integration-tests/tool-tree"));
    }

    private MissingTool(Failure failure) {
        super(failure.line());
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
