package dev.flipside.builder.verify;

import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes one check after the other, goes on after one that fails, and tells each as it is done. */
final class Checks {
    private final Consumer<Check> told;
    private Optional<Failure> first = Optional.empty();

    Checks(Consumer<Check> told) {
        this.told = told;
    }

    /** Does the work of a check, and says in a few words what was found to be right. */
    @FunctionalInterface
    interface Work {
        String run() throws IOException, FlipsideException;
    }

    /**
     * Makes a check.
     *
     * @return whether it passed
     * @throws IOException when the machine fails
     */
    boolean check(String name, Work work) throws IOException {
        try {
            told.accept(new Check.Passed(name, work.run()));
            return true;
        } catch (FlipsideException e) {
            fail(name, e.failure());
        } catch (EOFException e) {
            fail(
                    name,
                    new Failure(
                            FailureCode.DIGEST_MISMATCH,
                            name,
                            "all of its bytes",
                            "an end before them",
                            "build or fetch it again"));
        }
        return false;
    }

    void notChecked(String name, String why) {
        told.accept(new Check.NotChecked(name, why));
    }

    /** The first failure, if there was one. */
    Optional<Failure> firstFailure() {
        return first;
    }

    private void fail(String name, Failure failure) {
        first = first.isPresent() ? first : Optional.of(failure);
        told.accept(new Check.Failed(name, failure));
    }
}
