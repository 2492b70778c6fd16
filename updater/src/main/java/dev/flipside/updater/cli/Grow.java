package dev.flipside.updater.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.json.StrictJson;
import dev.flipside.updater.config.UpdaterConfig;
import dev.flipside.updater.growth.DiskGrowth;
import dev.flipside.updater.growth.DiskGrowth.Outcome;
import dev.flipside.updater.growth.KernelVar;
import dev.flipside.updater.growth.UnmountedVar;
import dev.flipside.updater.host.BootedSystem;
import dev.flipside.updater.host.HostDisk;
import dev.flipside.updater.wiring.HostRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The command {@code grow}: what a host does early in its boot, so without its state and perhaps
 * without its configuration.
 */
final class Grow {
    private static final Path SYSTEM_ROOT = Path.of("/");

    private Grow() {}

    static void run(Invocation invocation) throws FlipsideException, IOException {
        Optional<UpdaterConfig.Host> configured = configured(invocation);
        BootedSystem system =
                BootedSystem.read(
                        configured.map(UpdaterConfig.Host::systemRoot).orElse(SYSTEM_ROOT));
        HostDisk disk =
                new HostDisk(
                        configured.isPresent()
                                ? HostRuntime.disk(configured.get())
                                : HostRuntime.disk(system, SYSTEM_ROOT));
        boolean fileBacked = configured.map(UpdaterConfig.Host::fileBacked).orElse(false);
        DiskGrowth growth =
                new DiskGrowth(
                        disk,
                        fileBacked
                                ? new UnmountedVar()
                                : new KernelVar(disk, KernelVar.Programs.OF_THIS_HOST));
        show(invocation, growth.run(system));
    }

    /**
     * What is wrong with the host's configuration must not keep it from its disk; a file that was
     * named may be that of another host, and is not passed over.
     */
    private static Optional<UpdaterConfig.Host> configured(Invocation invocation)
            throws FlipsideException {
        try {
            return Optional.of(invocation.config().host());
        } catch (FlipsideException e) {
            if (invocation.has(Command.CONFIG)) {
                throw e;
            }
            invocation.console().complain(e.failure().line());
            return Optional.empty();
        }
    }

    private static void show(Invocation invocation, Outcome outcome) {
        ObjectNode node =
                StrictJson.object()
                        .put("tableWritten", outcome.tableWritten())
                        .put("filled", outcome.filled());
        outcome.varBytes().ifPresent(bytes -> node.put("varBytes", bytes));
        String var = outcome.varBytes().map("var has %d bytes"::formatted).orElse("no var");
        String table = outcome.tableWritten() ? "wrote the partition table" : "table was right";
        String filled = outcome.filled() ? ", and its file system all of them" : "";
        invocation.console().result(node, List.of("%s; %s%s".formatted(table, var, filled)));
    }
}
