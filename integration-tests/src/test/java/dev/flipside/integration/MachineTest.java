package dev.flipside.integration;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Updates on a booted machine: real firmware, real systemd-boot, a real kernel. */
@Execution(ExecutionMode.CONCURRENT)
@ExtendWith(ReferenceMachines.Extension.class)
class MachineTest {
    @Test
    void updatesAndCommits(ReferenceMachines machines) throws Exception {
        UpdateStories.updatesAndCommits(machines);
    }

    @Test
    void rollsBackWhenAHealthCheckFailsAndDoesNotTryItAgain(ReferenceMachines machines)
            throws Exception {
        UpdateStories.rollsBackWhenAHealthCheckFailsAndDoesNotTryItAgain(machines);
    }

    @Test
    @Tag(Tags.ALL)
    void rollsBackWhenTheKernelPanics(ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenTheKernelPanics(machines);
    }

    @Test
    @Tag(Tags.ALL)
    void rollsBackWhenTheInitrdCannotOpenTheRoot(ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenTheInitrdCannotOpenTheRoot(machines);
    }

    @Test
    @Tag(Tags.ALL)
    void rollsBackWhenAFileThatIsReadAtBootIsNotTheSignedOne(ReferenceMachines machines)
            throws Exception {
        UpdateStories.rollsBackWhenAFileThatIsReadAtBootIsNotTheSignedOne(machines);
    }

    @Test
    @Tag(Tags.ALL)
    void rollsBackWhenUserSpaceHangs(ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenUserSpaceHangs(machines);
    }

    @Test
    @Tag(Tags.ALL)
    void rollsBackWhenAServiceCrashesInTheSoak(ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenAServiceCrashesInTheSoak(machines);
    }

    @Test
    @Tag(Tags.ALL)
    void rollsBackWhenTheUpdaterItselfIsBroken(ReferenceMachines machines) throws Exception {
        UpdateStories.rollsBackWhenTheUpdaterItselfIsBroken(machines);
    }
}
