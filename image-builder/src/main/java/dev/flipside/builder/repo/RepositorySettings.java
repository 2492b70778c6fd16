package dev.flipside.builder.repo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.builder.keys.KeyAlgorithm;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.JsonFields;
import dev.flipside.json.StrictJson;
import dev.flipside.platform.DurableFolder;
import dev.flipside.tuf.AlgorithmPolicy;
import dev.flipside.tuf.Role;
import dev.flipside.tuf.VerificationKey;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * {@code settings.json} of a repository: how those who change it want it. No host reads it, and
 * nothing is trusted because of it.
 *
 * @param algorithms the kinds of keys that may sign
 */
public record RepositorySettings(Lifetimes lifetimes, AlgorithmPolicy algorithms) {
    static final String FILE = "settings.json";
    public static final RepositorySettings DEFAULT =
            new RepositorySettings(Lifetimes.DEFAULT, AlgorithmPolicy.ANY);

    private static final int FORMAT = 1;
    private static final int MAX_BYTES = 64 << 10;

    static RepositorySettings read(DurableFolder folder) throws FlipsideException, IOException {
        Optional<byte[]> file = folder.read(FILE, MAX_BYTES);
        return file.isEmpty() ? DEFAULT : parse(file.get());
    }

    static RepositorySettings parse(byte[] file) throws FlipsideException {
        JsonFields fields = JsonFields.parse(file, FILE, FailureCode.REPOSITORY_INVALID);
        fields.integer("format", FORMAT, FORMAT);
        JsonFields days = fields.object("expiresDays");
        Map<Role, Integer> byRole = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            byRole.put(role, (int) days.integer(role.code(), 1, Lifetimes.MAX_DAYS));
        }
        String code = fields.string("algorithms");
        for (AlgorithmPolicy algorithms : AlgorithmPolicy.values()) {
            if (algorithms.code().equals(code)) {
                return new RepositorySettings(Lifetimes.DEFAULT.with(byRole), algorithms);
            }
        }
        throw fields.unexpected("algorithms", "any or fips", fields.node().get("algorithms"));
    }

    byte[] write() {
        ObjectNode json = StrictJson.object();
        json.put("format", FORMAT).put("algorithms", algorithms.code());
        ObjectNode days = json.putObject("expiresDays");
        for (Role role : Role.values()) {
            days.put(role.code(), lifetimes.days(role));
        }
        return StrictJson.pretty(json);
    }

    /** The kind of key that is made where none is asked for. */
    KeyAlgorithm usualAlgorithm() {
        return switch (algorithms) {
            case ANY -> KeyAlgorithm.ED25519;
            case FIPS -> KeyAlgorithm.ECDSA_P256;
        };
    }

    /**
     * @throws FlipsideException {@code key-invalid} for a key whose signatures would not count
     */
    void requireAllowed(String name, VerificationKey key) throws FlipsideException {
        if (key.scheme().filter(algorithms::allows).isEmpty()) {
            throw new FlipsideException(
                    FailureCode.KEY_INVALID,
                    name,
                    "a kind of key that '" + algorithms.code() + "' allows",
                    key.scheme().map(Enum::name).orElse("an unknown kind"),
                    "use a key of another kind, as ecdsa-p256");
        }
    }
}
