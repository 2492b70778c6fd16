package dev.flipside.repository;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.release.Architecture;
import dev.flipside.release.Names;
import dev.flipside.release.Version;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A channel: the release that hosts on it should run, and the rules on the way there. A host
 * ignores fields that it does not know, and refuses a format that it does not know.
 *
 * @param securityFloor the lowest security version that hosts on this channel may run; at least 1
 * @param steppingStones releases that no host may skip, from the oldest to the newest
 * @param withdrawn releases that hosts must not install, and should leave
 * @param waves who may update from when on; empty: everyone, now. In order of time, each wave
 *     holding those before it
 */
public record Channel(
        String product,
        Architecture architecture,
        String name,
        Pointer release,
        int securityFloor,
        List<Pointer> steppingStones,
        List<Pointer> withdrawn,
        List<Wave> waves) {

    /** The major format that this code reads and writes. */
    public static final int FORMAT = 1;

    /** The largest channel file that is read. */
    public static final int MAX_BYTES = 256 << 10;

    private static final int MAX_ENTRIES = 1024;
    private static final int DIGEST_BYTES = 32;

    /**
     * A release, named for people by its version and for programs by its identity.
     *
     * @param manifestSha256 of its {@code release.json}, in lowercase hex
     */
    public record Pointer(String version, String manifestSha256) {}

    /**
     * A part of the hosts.
     *
     * @param percent of all hosts, those of the waves before included; 1 to 100
     */
    public record Wave(Instant start, int percent) {}

    public Channel {
        steppingStones = List.copyOf(steppingStones);
        withdrawn = List.copyOf(withdrawn);
        waves = List.copyOf(waves);
    }

    /** A channel that points to a release, and has no other rules. */
    public static Channel pointingTo(
            String product, Architecture architecture, String name, Pointer release) {
        return new Channel(
                product, architecture, name, release, 1, List.of(), List.of(), List.of());
    }

    /** The same rules for another release. */
    public Channel withRelease(Pointer next) {
        return new Channel(
                product, architecture, name, next, securityFloor, steppingStones, withdrawn, waves);
    }

    /** The same with another rollout. */
    public Channel withWaves(List<Wave> next) {
        return new Channel(
                product,
                architecture,
                name,
                release,
                securityFloor,
                steppingStones,
                withdrawn,
                next);
    }

    /** The same with another floor. */
    public Channel withSecurityFloor(int next) {
        return new Channel(
                product, architecture, name, release, next, steppingStones, withdrawn, waves);
    }

    /** The same with one more release that no host may skip. */
    public Channel withSteppingStone(Pointer stone) {
        List<Pointer> stones = new ArrayList<>(steppingStones);
        if (!stones.contains(stone)) {
            stones.add(stone);
        }
        stones.sort(Comparator.comparing(Pointer::version, Version.ORDER));
        return new Channel(
                product, architecture, name, release, securityFloor, stones, withdrawn, waves);
    }

    /** The same with one more release that is withdrawn, and is no stepping stone any more. */
    public Channel withWithdrawn(Pointer gone) {
        List<Pointer> all = new ArrayList<>(withdrawn);
        if (!all.contains(gone)) {
            all.add(gone);
        }
        List<Pointer> stones = new ArrayList<>(steppingStones);
        stones.remove(gone);
        return new Channel(product, architecture, name, release, securityFloor, stones, all, waves);
    }

    /**
     * Reads a channel file.
     *
     * @throws FlipsideException {@code channel-malformed}, or {@code channel-format-unknown} when
     *     only a newer updater can read it
     */
    public static Channel parse(byte[] file) throws FlipsideException {
        if (file.length > MAX_BYTES) {
            throw new FlipsideException(
                    FailureCode.CHANNEL_MALFORMED,
                    "channel",
                    "at most " + MAX_BYTES + " bytes",
                    file.length + " bytes",
                    "publish the channel again");
        }
        JsonFields fields = JsonFields.parse(file, "channel", FailureCode.CHANNEL_MALFORMED);
        requireKnownFormat(fields);
        return new Channel(
                name(fields, "product"),
                architecture(fields),
                name(fields, "name"),
                pointer(fields.object("release")),
                (int) fields.integer("securityFloor", 1, Integer.MAX_VALUE),
                pointers(fields, "steppingStones"),
                pointers(fields, "withdrawn"),
                waves(fields));
    }

    /** The channel file; the same channel is the same bytes. */
    public byte[] write() {
        ObjectNode json = StrictJson.object();
        json.put("format", FORMAT);
        json.put("product", product);
        json.put("architecture", architecture.code());
        json.put("name", name);
        json.set("release", json(release));
        json.put("securityFloor", securityFloor);
        ArrayNode stones = json.putArray("steppingStones");
        steppingStones.forEach(stone -> stones.add(json(stone)));
        ArrayNode gone = json.putArray("withdrawn");
        withdrawn.forEach(release -> gone.add(json(release)));
        ArrayNode waveList = json.putArray("waves");
        waves.forEach(
                wave ->
                        waveList.addObject()
                                .put("start", JsonFields.format(wave.start()))
                                .put("percent", wave.percent()));
        return StrictJson.pretty(json);
    }

    private static void requireKnownFormat(JsonFields fields) throws FlipsideException {
        long format = fields.integer("format", 1, Integer.MAX_VALUE);
        if (format != FORMAT) {
            throw new FlipsideException(
                    FailureCode.CHANNEL_FORMAT_UNKNOWN,
                    "channel",
                    "format " + FORMAT,
                    "format " + format,
                    "update to a release whose updater knows this format first");
        }
    }

    private static ObjectNode json(Pointer pointer) {
        return StrictJson.object()
                .put("version", pointer.version())
                .put("manifestSha256", pointer.manifestSha256());
    }

    private static String name(JsonFields fields, String field) throws FlipsideException {
        String name = fields.string(field);
        if (!Names.isName(name)) {
            throw fields.unexpected(field, "a name", fields.node().get(field));
        }
        return name;
    }

    private static Architecture architecture(JsonFields fields) throws FlipsideException {
        String code = fields.string("architecture");
        for (Architecture architecture : Architecture.values()) {
            if (architecture.code().equals(code)) {
                return architecture;
            }
        }
        throw fields.unexpected(
                "architecture", "x86-64 or arm64", fields.node().get("architecture"));
    }

    private static Pointer pointer(JsonFields fields) throws FlipsideException {
        return new Pointer(name(fields, "version"), fields.hex("manifestSha256", DIGEST_BYTES));
    }

    private static List<Pointer> pointers(JsonFields fields, String name) throws FlipsideException {
        List<Pointer> pointers = new ArrayList<>();
        for (JsonFields pointer : fields.list(name, MAX_ENTRIES)) {
            pointers.add(pointer(pointer));
        }
        return pointers;
    }

    private static List<Wave> waves(JsonFields fields) throws FlipsideException {
        List<Wave> waves = new ArrayList<>();
        Wave before = new Wave(Instant.MIN, 0);
        for (JsonFields entry : fields.list("waves", MAX_ENTRIES)) {
            Wave wave = new Wave(entry.instant("start"), (int) entry.integer("percent", 1, 100));
            if (!wave.start().isAfter(before.start()) || wave.percent() <= before.percent()) {
                throw fields.unexpected(
                        "waves", "later starts with higher percentages", entry.node());
            }
            waves.add(wave);
            before = wave;
        }
        return waves;
    }
}
