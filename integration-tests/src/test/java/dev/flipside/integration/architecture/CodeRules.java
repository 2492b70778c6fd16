package dev.flipside.integration.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.util.List;
import java.util.Set;

/** Pure packages stay pure, and banned calls name what to use instead. */
final class CodeRules {
    /** Values in, values out: what these packages do, a test sees without a machine. */
    private static final String[] PURE = {
        "dev.flipside.failure..",
        "dev.flipside.format..",
        "dev.flipside.json..",
        "dev.flipside.release..",
        "dev.flipside.repository..",
        "dev.flipside.verity..",
        "dev.flipside.pack..",
        "dev.flipside.erofs..",
        "dev.flipside.tuf..",
        "dev.flipside.boot..",
        "dev.flipside.updater.lifecycle..",
    };

    private static final Set<String> FILE_TYPES =
            Set.of(
                    "java.io.File",
                    "java.io.FileInputStream",
                    "java.io.FileOutputStream",
                    "java.io.FileReader",
                    "java.io.FileWriter",
                    "java.io.RandomAccessFile",
                    "java.nio.channels.FileChannel",
                    "java.nio.channels.AsynchronousFileChannel");

    private CodeRules() {}

    static List<Rule> all() {
        return List.of(
                new Rule(
                        "pure packages open nothing: take a channel, RandomAccess, BlockDevice or DurableFolder instead",
                        pure().should()
                                .dependOnClassesThat(
                                        describe("open files or sockets", CodeRules::opensThings)),
                        "package dev.flipside.pack; class P { java.nio.file.Path p; }"),
                new Rule(
                        "pure packages ask no clock: take an Instant instead",
                        pure().should().callMethodWhere(asksTheClock()),
                        "package dev.flipside.tuf; class P { Object now() { return java.time.Instant.now(); } }"),
                new Rule(
                        "pure packages draw no lots: the same input gives the same bytes",
                        pure().should()
                                .dependOnClassesThat(
                                        describe(
                                                "are random",
                                                type ->
                                                        type.isAssignableTo("java.util.Random")
                                                                || type.getName()
                                                                        .equals(
                                                                                "java.util.concurrent.ThreadLocalRandom"))),
                        "package dev.flipside.erofs; class P { java.util.Random r; }"),
                new Rule(
                        "pure packages log nothing: return a value instead",
                        pure().should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("java.util.logging..", "org.slf4j.."),
                        "package dev.flipside.verity; class P { java.util.logging.Logger l; }"),
                new Rule(
                        "time comes in by InstantSource: only command lines and the daemon know the real clock",
                        noClasses()
                                .that()
                                .resideOutsideOfPackages(
                                        "..cli..",
                                        "dev.flipside.updater.daemon..",
                                        "dev.flipside.integration")
                                .should()
                                .callMethodWhere(readsTheCalendar()),
                        "package dev.flipside.updater.slot; class P { long now() { return System.currentTimeMillis(); } }"),
                new Rule(
                        "programs start in platform.ExternalPrograms only",
                        noClasses()
                                .that()
                                .resideOutsideOfPackage("dev.flipside.platform..")
                                .should()
                                .dependOnClassesThat(
                                        assignableTo(ProcessBuilder.class)
                                                .or(assignableTo(Process.class)))
                                .orShould()
                                .callMethodWhere(call(Runtime.class, "exec")),
                        "package dev.flipside.builder.disk; class P { Object p() { return new ProcessBuilder(\"dd\"); } }"),
                new Rule(
                        "only a command ends the program: throw a FlipsideException instead",
                        noClasses()
                                .that()
                                .resideOutsideOfPackages(
                                        "..cli..",
                                        "dev.flipside.updater.daemon",
                                        "dev.flipside.integration")
                                .should()
                                .callMethodWhere(
                                        call(System.class, "exit")
                                                .or(call(Runtime.class, "exit|halt"))),
                        "package dev.flipside.updater.slot; class P { void p() { System.exit(1); } }"),
                new Rule(
                        "nothing sleeps: wait on a lock's condition, a CountDownLatch or a future, with a timeout",
                        noClasses()
                                .should()
                                .callMethodWhere(
                                        call(Thread.class, "sleep")
                                                .or(
                                                        call(
                                                                java.util.concurrent.TimeUnit.class,
                                                                "sleep"))),
                        "package dev.flipside.updater.source; class P { void p() throws Exception { Thread.sleep(1); } }"),
                new Rule(
                        "only command lines and the daemon's log print: return a value, or take a listener",
                        noClasses()
                                .that()
                                .resideOutsideOfPackages(
                                        "..cli..",
                                        "dev.flipside.updater.daemon",
                                        "dev.flipside.integration")
                                .should()
                                .accessFieldWhere(
                                        describe(
                                                "it is System.out or System.err",
                                                access ->
                                                        access.getTargetOwner()
                                                                        .isEquivalentTo(
                                                                                System.class)
                                                                && Set.of("out", "err")
                                                                        .contains(
                                                                                access.getName()))),
                        "package dev.flipside.builder.disk; class P { void p() { System.out.println(); } }"),
                new Rule(
                        "no reflection: say what is meant with a type",
                        noClasses()
                                .should()
                                .dependOnClassesThat()
                                .resideInAPackage("java.lang.reflect..")
                                .orShould()
                                .callMethodWhere(
                                        call(
                                                Class.class,
                                                "forName|get.*(Method|Field|Constructor)s?")),
                        "package dev.flipside.json; class P { Object p() throws Exception { return Class.forName(\"x\"); } }"),
                new Rule(
                        "names are the field's nouns: say what the thing is",
                        noClasses()
                                .should()
                                .haveNameMatching(".*(Manager|Helper|Utils?|Impl|Service)"),
                        "package dev.flipside.pack; class PackHelper {}"),
                new Rule(
                        "no static mutable state: give it to an object that somebody owns",
                        noFields().that().areStatic().should().notBeFinal(),
                        "package dev.flipside.pack; class P { static int count; }"),
                new Rule(
                        "no time zone but UTC",
                        noClasses()
                                .should()
                                .callMethodWhere(
                                        call(java.time.ZoneId.class, "systemDefault")
                                                .or(call(java.util.TimeZone.class, "getDefault"))),
                        "package dev.flipside.release; class P { Object p() { return java.time.ZoneId.systemDefault(); } }"),
                new Rule(
                        "JSON is read by dev.flipside.json.StrictJson, TOML by toml.StrictToml: their limits hold everywhere",
                        noClasses()
                                .that()
                                .resideOutsideOfPackages("dev.flipside.json", "dev.flipside.toml")
                                .should()
                                .dependOnClassesThat(
                                        assignableTo(
                                                        "com.fasterxml.jackson.core.TokenStreamFactory")
                                                .or(
                                                        assignableTo(
                                                                "com.fasterxml.jackson.databind.ObjectMapper"))),
                        "package dev.flipside.tuf; class P { com.fasterxml.jackson.databind.ObjectMapper m; }"));
    }

    private static GivenClassesConjunction pure() {
        return noClasses().that().resideInAnyPackage(PURE);
    }

    private static boolean opensThings(JavaClass type) {
        return FILE_TYPES.contains(type.getName())
                || type.getPackageName().startsWith("java.nio.file")
                || type.getPackageName().startsWith("java.net");
    }

    private static DescribedPredicate<JavaCall<?>> asksTheClock() {
        return readsTheCalendar().or(call(System.class, "nanoTime")).as("it asks the clock");
    }

    private static DescribedPredicate<JavaCall<?>> readsTheCalendar() {
        return call(System.class, "currentTimeMillis")
                .or(call(java.time.Instant.class, "now"))
                .or(call(java.time.Clock.class, "system.*"))
                .or(call(java.time.InstantSource.class, "system"))
                .or(call(java.time.LocalDate.class, "now"))
                .or(call(java.time.LocalDateTime.class, "now"))
                .or(call(java.time.OffsetDateTime.class, "now"))
                .or(call(java.time.ZonedDateTime.class, "now"))
                .as("it asks what time it is");
    }

    private static DescribedPredicate<JavaCall<?>> call(Class<?> owner, String methods) {
        return target(owner(assignableTo(owner))).and(target(nameMatching(methods)));
    }
}
