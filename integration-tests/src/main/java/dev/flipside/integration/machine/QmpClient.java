package dev.flipside.integration.machine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/** QEMU's machine protocol (QMP): one JSON object a line; a request at a time. */
public final class QmpClient {
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private final LineStream stream;
    private final LineStream.Place events;

    private QmpClient(LineStream stream) {
        this.stream = stream;
        this.events = stream.start();
    }

    /** Waits for the greeting, and leaves the negotiation of capabilities. */
    static QmpClient over(LineStream stream) throws IOException {
        QmpClient client = new QmpClient(stream);
        client.events.await("QEMU's greeting", line -> line.contains("\"QMP\""), ANSWER);
        client.execute("qmp_capabilities");
        return client;
    }

    /** How often an event has come since the machine was switched on. */
    public int count(String name) {
        return (int) stream.lines().stream().filter(line -> is(line, name)).count();
    }

    private static boolean is(String line, String event) {
        return line.contains("\"event\": \"" + event + "\"");
    }

    public ObjectNode execute(String command) throws IOException {
        return execute(command, StrictJson.object());
    }

    /**
     * Runs a command and gives its answer.
     *
     * @throws IOException when QEMU refuses it
     */
    public ObjectNode execute(String command, ObjectNode arguments) throws IOException {
        ObjectNode request = StrictJson.object().put("execute", command);
        request.set("arguments", arguments);
        LineStream.Place answers = stream.end();
        stream.write(request.toString());
        String line =
                answers.await(
                        "an answer to " + command,
                        answer ->
                                answer.startsWith("{\"return\"") || answer.startsWith("{\"error\""),
                        ANSWER);
        ObjectNode answer = parse(line);
        if (answer.has("error")) {
            throw new IOException("QEMU refuses " + request + ": " + line);
        }
        return answer;
    }

    /** Has the machine reset, and waits until it was. */
    void reset() throws IOException {
        LineStream.Place place = stream.end();
        execute("system_reset");
        place.await("the event RESET", line -> is(line, "RESET"), ANSWER);
    }

    /** Whether the guest stands still because QEMU could not read or write what its disk is in. */
    boolean isStoppedByItsDisk() {
        return stream.lines().stream()
                .anyMatch(
                        line ->
                                is(line, "BLOCK_IO_ERROR")
                                        && line.contains("\"action\": \"stop\""));
    }

    /**
     * Whether the guest, or this side, has switched the machine off, once QEMU has ended.
     *
     * @return false when QEMU ended without that, as a program does that crashes
     */
    boolean hasShutDown() throws IOException {
        try {
            stream.start().await("the event SHUTDOWN", line -> is(line, "SHUTDOWN"), ANSWER);
            return true;
        } catch (DeadlineMissed e) {
            return false;
        }
    }

    /** Waits for an event, as {@code RESET} or {@code SHUTDOWN}; other events are passed over. */
    public ObjectNode awaitEvent(String name, Duration timeout) throws IOException {
        return parse(events.await("the event " + name, line -> is(line, name), timeout));
    }

    /**
     * Writes the guest's memory and devices to a file; then it stands still. It must run until
     * then, as one that is paused is kept as that.
     */
    void suspendTo(Path file, Duration timeout) throws IOException {
        ObjectNode events = StrictJson.object();
        events.putArray("capabilities").addObject().put("capability", "events").put("state", true);
        execute("migrate-set-capabilities", events);
        execute("migrate", StrictJson.object().put("uri", "file:" + file));
        String status = "";
        while (!status.equals("completed")) {
            status = awaitEvent("MIGRATION", timeout).at("/data/status").asText();
            if (status.equals("failed")) {
                throw new IOException("QEMU cannot keep the machine's memory in " + file);
            }
        }
    }

    private static ObjectNode parse(String line) throws IOException {
        try {
            return StrictJson.parse(
                    line.getBytes(StandardCharsets.UTF_8), "QMP", FailureCode.STATE_MALFORMED);
        } catch (FlipsideException e) {
            throw new IOException(line, e);
        }
    }
}
