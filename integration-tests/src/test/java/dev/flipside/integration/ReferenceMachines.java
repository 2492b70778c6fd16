package dev.flipside.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.flipside.integration.machine.Acceleration;
import dev.flipside.integration.machine.CopyOnWriteDisk;
import dev.flipside.integration.machine.Firmware;
import dev.flipside.integration.machine.Machine;
import dev.flipside.integration.machine.MachineSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * What all tests with machines share: a vendor with its releases, a server, and a machine that has
 * booted and committed release 1. It is made when the first test asks for it, and goes with the
 * last. A test's machine goes on where that one was suspended, with a disk of its own that holds
 * only what it writes.
 *
 * <p>Who writes scenarios sets the system property {@code flipside.machines.keep}: then the vendor
 * and the suspended machine are kept, and found again by the next run, whatever has changed since.
 * {@code target/machines} is deleted to begin anew.
 */
final class ReferenceMachines implements AutoCloseable {
    /** The release that every machine begins with. */
    static final String FIRST = "1";

    /** A release like the first in all but its name. */
    static final String NEXT = "2";

    private static final String ACCELERATION = "acceleration";

    /** Four bytes of attributes, and a string in UTF-16LE (systemd's Boot Loader Interface). */
    private static final String LOADER_INFO =
            "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

    /** Two machines run at a time; with two processors each, they would wait for each other. */
    private static final int PROCESSORS = 1;

    private static final boolean KEEP = Boolean.getBoolean("flipside.machines.keep");

    private final Path folder;
    private final ToolTree tree = ToolTree.ofThisMachine();
    private final ReferenceVendor vendor;
    private final NginxServer server;
    private final Optional<Path> loader;
    private final Path golden;
    private final Path variables;
    private final Path memory;
    private final Map<String, ReferenceMachines> withOtherLoaders = new ConcurrentHashMap<>();
    private Acceleration acceleration = Acceleration.TCG;

    private ReferenceMachines(
            Path folder, ReferenceVendor vendor, NginxServer server, Optional<Path> loader) {
        this.folder = folder;
        this.vendor = vendor;
        this.server = server;
        this.loader = loader;
        this.golden = folder.resolve("golden.qcow2");
        this.variables = folder.resolve("golden.fd");
        this.memory = folder.resolve("golden.memory");
    }

    private static ReferenceMachines open(Path folder) throws Exception {
        Path port = folder.resolve("port");
        if (Files.exists(port)) {
            ReferenceVendor vendor = ReferenceVendor.of(folder.resolve("vendor"));
            int known = Integer.parseInt(Files.readString(port));
            NginxServer server = NginxServer.serveAt(known, vendor.repository(), nginx(folder));
            ReferenceMachines machines =
                    new ReferenceMachines(folder, vendor, server, Optional.empty());
            machines.acceleration =
                    Acceleration.valueOf(Files.readString(folder.resolve(ACCELERATION)));
            return machines;
        }
        delete(folder);
        Files.createDirectories(folder);
        ReferenceVendor vendor = ReferenceVendor.open(folder.resolve("vendor"));
        NginxServer server = NginxServer.serve(vendor.repository(), nginx(folder));
        ReferenceMachines machines =
                new ReferenceMachines(folder, vendor, server, Optional.empty());
        machines.probe();
        machines.bootOnce(host -> {});
        if (KEEP) {
            Files.writeString(folder.resolve(ACCELERATION), machines.acceleration.name());
            Files.writeString(port, Integer.toString(server.uri().getPort()));
        }
        return machines;
    }

    /**
     * The same host with the systemd-boot of another Debian, which has written release {@link
     * #NEXT} and waits for its reboot.
     *
     * @param suite of {@code integration-tests/boot-loaders}
     */
    ReferenceMachines withLoaderOf(String suite) {
        return withOtherLoaders.computeIfAbsent(suite, this::updatedWithLoaderOf);
    }

    private ReferenceMachines updatedWithLoaderOf(String suite) {
        return up(
                "the reference host with the loader of " + suite,
                () -> {
                    Path own = folder("loader-" + suite);
                    Path file = ToolTree.cachePath().resolve("boot-loaders/" + suite + ".efi");
                    assertTrue(Files.exists(file), file + ": run integration-tests/boot-loaders");
                    vendor.release(NEXT, new TreeMap<>());
                    ReferenceMachines machines =
                            new ReferenceMachines(own, vendor, server, Optional.of(file));
                    delete(machines.golden);
                    machines.acceleration = acceleration;
                    machines.bootOnce(host -> host.update(NEXT));
                    return machines;
                });
    }

    private static ReferenceMachines up(String what, Callable<ReferenceMachines> boot) {
        try {
            return boot.call();
        } catch (Exception e) {
            throw new IllegalStateException(what + " does not come up", e);
        }
    }

    private static Path nginx(Path folder) {
        return folder.resolve("nginx");
    }

    /** Gives it to tests that take it as a parameter. */
    static final class Extension implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == ReferenceMachines.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(Namespace.create(ReferenceMachines.class))
                    .computeIfAbsent(
                            ReferenceMachines.class, key -> make(), ReferenceMachines.class);
        }

        private static ReferenceMachines make() {
            return up(
                    "the reference host", () -> open(Path.of("target/machines").toAbsolutePath()));
        }
    }

    /** A folder of that name, which is left for who looks into a failure. */
    Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    /** The disk on which release 1 is committed; must not be written to. */
    Path golden() {
        return golden;
    }

    Acceleration acceleration() {
        return acceleration;
    }

    ToolTree tree() {
        return tree;
    }

    ReferenceVendor vendor() {
        return vendor;
    }

    /** A release that differs from the others by these files; it is in the channel of its name. */
    void release(String version, Map<String, String> files) throws IOException {
        vendor.release(version, new TreeMap<>(files));
    }

    /** What happens to a host. */
    interface Story {
        void tell(ReferenceHost host) throws Exception;
    }

    /**
     * Tells a story with a machine of its own, which is off, and whose logs are kept in a folder of
     * that name.
     */
    void tell(String name, Story story) throws Exception {
        tell(settings(name), story);
    }

    /** The same with a machine that was put together otherwise. */
    void tell(MachineSettings settings, Story story) throws Exception {
        try (ReferenceHost host = new ReferenceHost(Machine.of(settings, tree))) {
            try {
                story.tell(host);
            } catch (Exception | AssertionError e) {
                try {
                    host.machine().collect();
                } catch (IOException notKept) {
                    e.addSuppressed(notKept);
                }
                throw e;
            }
        } finally {
            Files.deleteIfExists(settings.disk());
        }
    }

    /** What a machine of that name is put together from: it goes on where release 1 runs. */
    MachineSettings settings(String name) throws IOException {
        return switchedOff(name).withSuspended(memory);
    }

    /** The same, but it has to boot, and may get other devices. */
    MachineSettings switchedOff(String name) throws IOException {
        return settings(name, golden, Firmware.of(tree).withVariables(variables));
    }

    /** A machine that is new, as its firmware and its disk are. */
    MachineSettings fresh(String name, Path disk) throws IOException {
        return settings(name, disk, Firmware.of(tree));
    }

    /** One that is new as well, with firmware that can do Secure Boot, and a TPM. */
    MachineSettings freshWithSecureBoot(String name, Path disk) throws IOException {
        return settings(name, disk, Firmware.withSecureBoot(tree)).withTpm();
    }

    private MachineSettings settings(String name, Path backing, Firmware firmware)
            throws IOException {
        Path own = folder.resolve(name);
        delete(own);
        Files.createDirectories(own);
        Path disk = own.resolve("disk.qcow2");
        CopyOnWriteDisk.make(tree, backing, disk);
        return MachineSettings.of(own, disk, firmware)
                .withAcceleration(acceleration)
                .withProcessors(PROCESSORS)
                .withFile(
                        "/etc/flipside/config.d/50-test.toml",
                        """
                        [source]
                        url = "http://10.0.2.2:%d"

                        [health]
                        deadline = "1m"
                        soak = "5s"
                        """
                                .formatted(server.uri().getPort()));
    }

    private void probe() throws Exception {
        Path disk = vendor.disk(firstRelease(), folder.resolve("disk.raw"));
        acceleration = Acceleration.probe(fresh("probe", disk), tree, folder.resolve("probe-kvm"));
        System.out.println("machines run with " + acceleration);
    }

    private Path firstRelease() throws IOException {
        return vendor.release(FIRST, new TreeMap<>());
    }

    private void bootOnce(Story then) throws Exception {
        Path release = firstRelease();
        Path disk =
                loader.isPresent()
                        ? vendor.disk(release, folder.resolve("disk.raw"), "--loader", loader.get())
                        : vendor.disk(release, folder.resolve("disk.raw"));
        MachineSettings settings = fresh("first-boot", disk);
        long startNanos = System.nanoTime();
        tell(
                settings,
                host -> {
                    host.start();
                    System.out.printf(
                            "first boot, power on to commit: %d s%n",
                            (System.nanoTime() - startNanos) / 1_000_000_000);
                    requireLoader(host);
                    then.tell(host);
                    host.machine().shell().check("sync", ReferenceHost.COMMAND);
                    host.machine().suspendTo(memory);
                    Files.copy(host.machine().variables(), variables);
                    Files.move(settings.disk(), golden);
                });
    }

    /** A machine that had started by another loader than the asked-for one would prove nothing. */
    private void requireLoader(ReferenceHost host) throws IOException {
        String read = "cat %s | tail -c +5 | tr -d '\\000'".formatted(LOADER_INFO);
        String told = host.machine().shell().check(read, ReferenceHost.COMMAND).strip();
        System.out.println("their boot loader is " + told);
        if (loader.isPresent()) {
            String suite = loader.get().getFileName().toString().replace(".efi", "");
            Path version = loader.get().resolveSibling(suite + ".version");
            assertEquals(
                    "systemd-boot " + Files.readString(version).lines().findFirst().orElseThrow(),
                    told);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (KEEP) {
            return;
        }
        // Logs stay, for who looks into a failure; what is large goes.
        delete(folder.resolve("vendor"));
        for (ReferenceMachines machines : withOtherLoaders.values()) {
            machines.deleteGolden();
        }
        deleteGolden();
    }

    private void deleteGolden() throws IOException {
        Files.deleteIfExists(golden);
        Files.deleteIfExists(memory);
        Files.deleteIfExists(folder.resolve("disk.raw"));
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
