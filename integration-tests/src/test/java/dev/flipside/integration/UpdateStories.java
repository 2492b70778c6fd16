package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;

/** What can happen to a release on its way to a booted host, each from its beginning to its end. */
final class UpdateStories {
    private UpdateStories() {}

    private static final String UNITS = "usr/lib/systemd/system/";

    static void updatesAndCommits(ReferenceMachines machines) throws Exception {
        machines.release("2", Map.of());
        machines.tell(
                "update-and-commit",
                host -> {
                    host.start();
                    host.update("2");
                    commits(host);
                });
    }

    /** Release 2 was written, and is good. */
    static void commits(ReferenceHost host) throws Exception {
        host.expect("1", "2", "reboot-pending");
        long startNanos = System.nanoTime();
        host.rebootInto("2");
        host.awaitCommit();
        System.out.printf(
                "reboot to commit: %d s%n", (System.nanoTime() - startNanos) / 1_000_000_000);
        System.out.println("CPU since the reboot: " + host.cpuUse());
        host.awaitCommitted("2", "1");
        assertEquals(1, host.kernelStarts());
    }

    /** Release 2 was written, and an operator's check finds it bad. */
    static void isRefusedByTheHost(ReferenceHost host) throws Exception {
        host.run(
                """
                mkdir -p /etc/flipside/health.d
                cat >/etc/flipside/health.d/50-test.toml <<END
                [[check]]
                name = "this host wants release 1"
                type = "file"
                path = "/usr/lib/reference-host/release"
                contains = "1"
                END
                """);
        host.rebootInto("1");
        requireReason(host, "health-check-failed", "this host wants release 1");
        assertEquals(1 + 1, host.kernelStarts(), "one try is enough to know it");
    }

    /** Release 2 was written, and its power is cut while its initrd opens the root. */
    static void commitsAfterAPowerCut(ReferenceHost host) throws Exception {
        int from = host.machine().console().lines().size();
        host.run("systemctl reboot --no-block");
        host.machine().console().await(from, "device-mapper: verity", ReferenceHost.BOOT);
        host.machine().cutPower();
        host.powerOn();
        String entries =
                host.run("until ls /boot/loader/entries 2>/dev/null | grep conf; do sleep 1; done");
        assertTrue(entries.contains("+1-2.conf"), () -> "two tries were counted: " + entries);
        host.awaitCommitted("2", "1");
    }

    /** Release 2 was written, and its operator goes there, back, and there again. */
    static void goesBackAndForward(ReferenceHost host) throws Exception {
        host.rebootInto("2");
        host.awaitCommitted("2", "1");
        goesTo("1", "2", host);
        goesTo("2", "1", host);
    }

    private static void goesTo(String version, String other, ReferenceHost host) throws Exception {
        host.flipctl("rollback");
        host.rebootInto(version);
        host.awaitCommitted(version, other);
    }

    static void rollsBackWhenAHealthCheckFailsAndDoesNotTryItAgain(ReferenceMachines machines)
            throws Exception {
        String check =
                """
                [[check]]
                name = "the file that this release forgot"
                type = "file"
                path = "/usr/lib/reference-host/forgotten"
                """;
        machines.release("2-unhealthy", Map.of("usr/lib/flipside/health.d/50-test.toml", check));
        machines.tell(
                "health-check-fails",
                host -> {
                    host.start();
                    host.update("2-unhealthy");
                    host.rebootInto("1");
                    requireReason(host, "health-check-failed", "the file that this release forgot");
                    assertEquals(1 + 1, host.kernelStarts(), "one try is enough to know it");
                    int exitCode =
                            host.machine()
                                    .shell()
                                    .run("flipctl update --now 2-unhealthy", ReferenceHost.COMMAND)
                                    .exitCode();
                    assertEquals(11, exitCode, "it is not tried again");
                });
    }

    static void rollsBackWhenTheKernelPanics(ReferenceMachines machines) throws Exception {
        machines.release(
                "2-panic",
                Map.of(
                        UNITS + "panic.service",
                        """
                        [Unit]
                        Description=Dies
                        DefaultDependencies=no
                        After=sysinit.target

                        [Service]
                        Type=oneshot
                        ExecStart=/bin/sh -c 'echo c >/proc/sysrq-trigger'
                        """,
                        UNITS + "basic.target.d/50-panic.conf",
                        "[Unit]\nWants=panic.service\n"));
        machines.tell(
                "kernel-panics",
                host -> {
                    host.start();
                    host.update("2-panic");
                    host.rebootInto("1");
                    requireReason(host, "kernel-panic", "sysrq");
                    assertEquals(3 + 1, host.kernelStarts(), "three tries, then the other slot");
                    assertEquals("2-panic", host.status().at("/inactive/version").asText());
                });
    }

    static void rollsBackWhenTheInitrdCannotOpenTheRoot(ReferenceMachines machines)
            throws Exception {
        machines.release("2", Map.of());
        machines.tell(
                "superblock-byte-flipped",
                host -> {
                    host.start();
                    host.update("2");
                    fallsBackFromATornRoot(host);
                });
    }

    /** Release 2 was written, and its medium then lost a byte of the superblock. */
    static void fallsBackFromATornRoot(ReferenceHost host) throws Exception {
        // EROFS has its superblock at byte 1024.
        host.spoilSlotB(1030);
        host.rebootInto("1");
        requireReason(host, "kernel-panic", "dm-verity device corrupted");
        assertEquals(3 + 1, host.kernelStarts(), "three tries, then the other slot");
    }

    static void rollsBackWhenAFileThatIsReadAtBootIsNotTheSignedOne(ReferenceMachines machines)
            throws Exception {
        String text = "this file is read by each boot of the release\n";
        machines.release(
                "2-spoilt",
                Map.of(
                        "usr/lib/reference-host/read-at-boot",
                        text.repeat(1000),
                        UNITS + "read-at-boot.service",
                        """
                        [Unit]
                        Description=Reads a file
                        DefaultDependencies=no

                        [Service]
                        Type=oneshot
                        ExecStart=/usr/bin/cksum /usr/lib/reference-host/read-at-boot
                        """,
                        UNITS + "basic.target.d/50-read.conf",
                        "[Unit]\nWants=read-at-boot.service\nAfter=read-at-boot.service\n"));
        long offset = machines.vendor().offsetOf("2-spoilt", text);
        machines.tell(
                "file-byte-flipped",
                host -> {
                    host.start();
                    host.update("2-spoilt");
                    host.spoilSlotB(offset + 10);
                    host.rebootInto("1");
                    requireReason(host, "kernel-panic", "dm-verity device corrupted");
                    assertEquals(3 + 1, host.kernelStarts(), "three tries, then the other slot");
                });
    }

    static void rollsBackWhenUserSpaceHangs(ReferenceMachines machines) throws Exception {
        machines.release(
                "2-hung",
                Map.of(
                        UNITS + "hang.service",
                        """
                        [Unit]
                        Description=Hangs systemd
                        DefaultDependencies=no
                        After=sysinit.target

                        [Service]
                        Type=oneshot
                        ExecStart=/bin/kill -s SEGV 1
                        """,
                        UNITS + "basic.target.d/50-hang.conf",
                        "[Unit]\nWants=hang.service\n"));
        machines.tell(
                "user-space-hangs",
                host -> {
                    host.start();
                    host.update("2-hung");
                    host.rebootInto("1");
                    requireReason(host, "watchdog-reset");
                    assertEquals(3 + 1, host.kernelStarts(), "three tries, then the other slot");
                });
    }

    static void rollsBackWhenAServiceCrashesInTheSoak(ReferenceMachines machines) throws Exception {
        machines.release(
                "2-crash",
                Map.of(
                        UNITS + "crashes.service",
                        """
                        [Unit]
                        Description=Crashes half a minute after the trial began

                        [Service]
                        ExecStart=/bin/sh -c 'until [ -e /var/lib/flipside/trials/*.json ]; do sleep 1; done; sleep 30; exit 1'
                        Restart=always
                        RestartSec=1
                        """,
                        UNITS + "multi-user.target.d/50-crashes.conf",
                        "[Unit]\nWants=crashes.service\n",
                        "usr/lib/flipside/health.d/50-test.toml",
                        """
                        [[check]]
                        name = "what this host is for"
                        type = "units"
                        active = ["crashes.service"]
                        """));
        machines.tell(
                "service-crashes-in-the-soak",
                host -> {
                    host.start();
                    host.run(
                            "printf '[health]\\nsoak = \"2m\"\\n' >/etc/flipside/config.d/60-soak.toml");
                    host.update("2-crash");
                    host.rebootInto("1");
                    requireReason(host, "health-check-failed", "crashes.service");
                    assertEquals(1 + 1, host.kernelStarts(), "one try is enough to know it");
                });
    }

    static void rollsBackWhenTheUpdaterItselfIsBroken(ReferenceMachines machines) throws Exception {
        machines.release(
                "2-jar", Map.of("usr/lib/flipside/flipside.jar", "what a torn download leaves\n"));
        machines.tell(
                "updater-broken",
                host -> {
                    host.start();
                    host.update("2-jar");
                    host.rebootInto("1");
                    requireReason(host, "trial-not-begun", "flipside-health.service");
                    assertEquals(3 + 1, host.kernelStarts(), "three tries, then the other slot");
                });
    }

    /**
     * Requires that the old slot tells why it runs again, with these words. The state is idle after
     * the host's next poll, and its setbacks stay.
     */
    private static void requireReason(ReferenceHost host, String... words) throws Exception {
        host.awaitState("rolled-back", "idle");
        String setbacks = host.why().at("/setbacks").toString();
        for (String word : words) {
            assertTrue(setbacks.contains(word), setbacks);
        }
    }
}
