package dev.flipside.integration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same host with the systemd-boot of Debian 12, and with the newest that Debian has: the
 * stories that a loader has a part in, as it counts tries and picks an entry. All go on where the
 * host has written an update.
 */
@Tag(Tags.ALL)
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(ReferenceMachines.Extension.class)
class LoaderVersionMachineTest {
    private static final String OLDEST = "bookworm";
    private static final String NEWEST = "sid";

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void commits(String suite, ReferenceMachines machines) throws Exception {
        tell("commits", UpdateStories::commits, suite, machines);
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void rollsBackWhenAHealthCheckFails(String suite, ReferenceMachines machines) throws Exception {
        tell("health-check-fails", UpdateStories::isRefusedByTheHost, suite, machines);
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void rollsBackWhenTheInitrdCannotOpenTheRoot(String suite, ReferenceMachines machines)
            throws Exception {
        tell("root-torn", UpdateStories::fallsBackFromATornRoot, suite, machines);
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void countsATryThatAPowerCutEnded(String suite, ReferenceMachines machines) throws Exception {
        tell("power-cut", UpdateStories::commitsAfterAPowerCut, suite, machines);
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void goesBackAndForwardAsItsOperatorWants(String suite, ReferenceMachines machines)
            throws Exception {
        tell("back-and-forward", UpdateStories::goesBackAndForward, suite, machines);
    }

    private static void tell(
            String name, ReferenceMachines.Story story, String suite, ReferenceMachines machines)
            throws Exception {
        machines.withLoaderOf(suite)
                .tell(
                        name,
                        host -> {
                            host.start();
                            story.tell(host);
                        });
    }
}
