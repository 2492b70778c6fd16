package dev.flipside.integration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same host with the systemd-boot of Debian 12, and with the newest that Debian has. */
@Tag(Tags.ALL)
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(ReferenceMachines.Extension.class)
class LoaderVersionMachineTest {
    private static final String OLDEST = "bookworm";
    private static final String NEWEST = "sid";

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void updatesAndCommits(String suite, ReferenceMachines machines) throws Exception {
        UpdateStories.updatesAndCommits(machines.withLoaderOf(suite));
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void rollsBackWhenAHealthCheckFails(String suite, ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenAHealthCheckFailsAndDoesNotTryItAgain(
                machines.withLoaderOf(suite));
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void rollsBackWhenTheKernelPanics(String suite, ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenTheKernelPanics(machines.withLoaderOf(suite));
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void rollsBackWhenTheInitrdCannotOpenTheRoot(String suite, ReferenceMachines machines)
            throws Exception {
        UpdateStories.rollsBackWhenTheInitrdCannotOpenTheRoot(machines.withLoaderOf(suite));
    }

    @ParameterizedTest
    @ValueSource(strings = {OLDEST, NEWEST})
    void rollsBackWhenUserSpaceHangs(String suite, ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenUserSpaceHangs(machines.withLoaderOf(suite));
    }
}
