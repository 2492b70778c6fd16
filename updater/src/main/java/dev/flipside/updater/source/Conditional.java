package dev.flipside.updater.source;

import java.util.Optional;

/** The answer to a request for a file that may not have changed since it was fetched last. */
public sealed interface Conditional {
    /** What the repository had when the validator was given is still what it has. */
    record Unchanged() implements Conditional {}

    /** The repository says that it has no such file. */
    record Missing() implements Conditional {}

    /** The file, with what says the next time whether it has changed. */
    final class Changed implements Conditional {
        private final byte[] content;
        private final Optional<String> validator;

        public Changed(byte[] content, Optional<String> validator) {
            this.content = content.clone();
            this.validator = validator;
        }

        public byte[] content() {
            return content.clone();
        }

        /** To be given at the next request; empty where the source knows no such thing. */
        public Optional<String> validator() {
            return validator;
        }
    }
}
