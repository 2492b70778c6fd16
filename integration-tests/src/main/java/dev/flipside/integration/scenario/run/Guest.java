package dev.flipside.integration.scenario.run;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The machine that a scenario is played on, with its plug, its cable and its serial console.
 *
 * <p>What a guest cannot do because it is off, hangs or has died is an empty answer; an {@code
 * IOException} says that the machine itself cannot be driven any more.
 */
public interface Guest extends AutoCloseable {
    /**
     * What a command of the guest's shell came to.
     *
     * @param output both of its outputs, as one text
     */
    record Answer(int exitCode, String output) {}

    /** Switches it on, and does not wait. */
    void powerOn() throws IOException;

    /** Pulls the plug: what the guest has not flushed is lost. */
    void cutPower() throws IOException;

    /** Presses the reset button. */
    void reset() throws IOException;

    boolean isOn();

    /** How often the machine was reset, by the guest or by us, since it was made. */
    int resets();

    /** Runs a command as root; empty when there is no answer in time. */
    Optional<Answer> run(String command, Duration timeout) throws IOException;

    /** Every line of the serial console since the machine was made. */
    List<String> serialLines();

    /**
     * Waits for a line of the serial console that has a text in it.
     *
     * @param from the index of the first line that counts
     * @return the index of the line; empty when it does not come in time, or the machine goes off
     */
    OptionalInt awaitSerialLine(int from, String text, Duration timeout) throws IOException;

    /** Lets time pass, less of it when the machine goes off. */
    void pause(Duration length) throws IOException;

    /** Plugs the network cable in, or out, where it stays when the power comes and goes. */
    void network(boolean connected) throws IOException;

    /** Plugs in a disk with the files of a folder, read-only. */
    void plugDisk(Path folder) throws IOException;

    /** Has the repository's server serve another folder. */
    void serve(Path repository) throws IOException;

    /**
     * Keeps what may tell why something went wrong, as far as it is still to be had.
     *
     * @throws IOException when there is no room for it
     */
    void collect() throws IOException;

    @Override
    void close() throws IOException;
}
