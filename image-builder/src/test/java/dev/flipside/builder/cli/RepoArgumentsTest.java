package dev.flipside.builder.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Wrong arguments of the commands below {@code repo}: one clear line each, and nothing done. */
final class RepoArgumentsTest {
    private static final int INVALID_CONFIG = 12;
    private static final int POLICY_REFUSED = 11;

    @TempDir Path folder;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void makeARepository() {
        assertEquals(0, run("init --repo REPO --keys KEYS"), this::said);
    }

    private String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    private int run(String line) {
        err.reset();
        List<String> words = new ArrayList<>(List.of("repo"));
        for (String word : line.split(" ")) {
            words.add(
                    word.replace("REPO", folder.resolve("repo").toString())
                            .replace("KEYS", folder.resolve("keys").toString())
                            .replace("NEW", folder.resolve("new").toString()));
        }
        PrintStream nowhere =
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        Console console =
                new Console(
                        nowhere, new PrintStream(err, true, StandardCharsets.UTF_8), false, false);
        return new FlipsideImage(List.of(RepoCommand.command(new BuildClock(Map.of()))))
                .run(console, words.toArray(new String[0]));
    }

    private void refuses(int exitCode, String code, String line) {
        assertEquals(exitCode, run(line), () -> line + ": " + said());
        assertEquals(1, said().lines().count(), () -> line + ": " + said());
        assertTrue(said().strip().endsWith("[" + code + "]"), () -> line + ": " + said());
        assertTrue(said().contains(": expected ") && said().contains(", found "), this::said);
    }

    @Test
    void refusesAValueThatCannotBe() {
        String ours = " --repo REPO --keys KEYS";
        for (String line :
                List.of(
                        "promote stable 1 --waves 5" + ours,
                        "promote stable 1 --waves 5@+1h,4@+2h" + ours,
                        "promote stable" + ours,
                        "promote" + ours,
                        "promote stable 1 --channel beta" + ours,
                        "promote stable 1 --arch mips" + ours,
                        "floor 0" + ours,
                        "floor x" + ours,
                        "floor 99999999999" + ours,
                        "rotate nobody" + ours,
                        "rotate targets.pq" + ours,
                        "rotate root --keep --retire root-1" + ours,
                        "rotate root --retire root-7" + ours,
                        "rotate root --algorithm dsa" + ours,
                        "rotate root --threshold root=0" + ours,
                        "gc --pin-window 0" + ours,
                        "refresh --expires-days 0" + ours,
                        "publish --release NEW --sysupdate --propose" + ours,
                        "sign --payload NEW --key KEYS/root-1.key.pem")) {
            refuses(INVALID_CONFIG, "argument-invalid", line);
        }
    }

    @Test
    void refusesToBeginARepositoryThatCannotBe() {
        for (String more :
                List.of(
                        "--threshold targets",
                        "--threshold targets=0",
                        "--threshold targets=1=1",
                        "--threshold nobody=1",
                        "--threshold targets.PQ=1",
                        "--threshold targets.pq=1",
                        "--expires root=0",
                        "--expires root",
                        "--expires targets.pq=1",
                        "--root-expires-days 3651",
                        "--algorithms none")) {
            refuses(INVALID_CONFIG, "argument-invalid", "init --repo NEW --keys KEYS " + more);
        }
        refuses(INVALID_CONFIG, "key-missing", "init --repo NEW --keys KEYS --threshold root=2");
        refuses(INVALID_CONFIG, "key-invalid", "init --repo NEW --keys KEYS --algorithms fips");
        assertTrue(Files.notExists(folder.resolve("new/metadata")));
        refuses(INVALID_CONFIG, "output-exists", "init --repo REPO --keys KEYS");
    }

    @Test
    void refusesWhatIsNotThere() {
        String ours = " --repo REPO --keys KEYS";
        refuses(INVALID_CONFIG, "input-missing", "withdraw 1" + ours);
        refuses(INVALID_CONFIG, "input-missing", "floor 1" + ours);
        refuses(INVALID_CONFIG, "input-missing", "sign --payload NEW");
        refuses(INVALID_CONFIG, "key-missing", "refresh --repo REPO --keys NEW");
        refuses(INVALID_CONFIG, "repository-invalid", "refresh --repo NEW --keys KEYS");
        refuses(POLICY_REFUSED, "proposal-missing", "import-signature --repo REPO");
        refuses(POLICY_REFUSED, "proposal-missing", "discard --repo REPO");
        assertEquals(FlipsideImage.EXIT_USAGE, run("withdraw" + ours));
        assertEquals(FlipsideImage.EXIT_USAGE, run("rotate" + ours));
        assertEquals(FlipsideImage.EXIT_USAGE, run("gc --pin-window many" + ours));
    }
}
