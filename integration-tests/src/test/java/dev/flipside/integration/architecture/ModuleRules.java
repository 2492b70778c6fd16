package dev.flipside.integration.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static dev.flipside.integration.architecture.House.BOOTLOADER_CONFIG;
import static dev.flipside.integration.architecture.House.IMAGE_BUILDER;
import static dev.flipside.integration.architecture.House.IMAGE_FORMAT;
import static dev.flipside.integration.architecture.House.INTEGRATION_TESTS;
import static dev.flipside.integration.architecture.House.PLATFORM;
import static dev.flipside.integration.architecture.House.UPDATER;

import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/** Which way the arrows go, between modules and inside the updater. */
final class ModuleRules {
    private ModuleRules() {}

    static List<Rule> all() {
        return List.of(
                new Rule(
                        "every package has its module in House",
                        classes().should().resideInAnyPackage(House.packagesOf(House.values())),
                        "package dev.flipside.attic; public class Chest {}"),
                mayNotReach(
                        IMAGE_FORMAT,
                        "package dev.flipside.pack; class P { dev.flipside.boot.gpt.Gpt g; }",
                        PLATFORM,
                        BOOTLOADER_CONFIG,
                        IMAGE_BUILDER,
                        UPDATER,
                        INTEGRATION_TESTS),
                mayNotReach(
                        PLATFORM,
                        "package dev.flipside.platform; class P { dev.flipside.json.StrictJson j; }",
                        IMAGE_FORMAT,
                        BOOTLOADER_CONFIG,
                        IMAGE_BUILDER,
                        UPDATER,
                        INTEGRATION_TESTS),
                mayNotReach(
                        BOOTLOADER_CONFIG,
                        "package dev.flipside.boot.gpt; class P { dev.flipside.builder.cli.Console c; }",
                        IMAGE_BUILDER,
                        UPDATER,
                        INTEGRATION_TESTS),
                mayNotReach(
                        IMAGE_BUILDER,
                        "package dev.flipside.builder.disk; class P { dev.flipside.updater.source.Source s; }",
                        UPDATER,
                        INTEGRATION_TESTS),
                mayNotReach(
                        UPDATER,
                        "package dev.flipside.updater.slot; class P { dev.flipside.builder.cli.Console c; }",
                        IMAGE_BUILDER,
                        INTEGRATION_TESTS),
                new Rule(
                        "the lifecycle knows no effect",
                        noClasses()
                                .that()
                                .resideInAPackage("dev.flipside.updater.lifecycle..")
                                .should()
                                .dependOnClassesThat(
                                        resideInAnyPackage(
                                                        "dev.flipside.updater..",
                                                        "dev.flipside.platform..")
                                                .and(
                                                        resideOutsideOfPackage(
                                                                "dev.flipside.updater.lifecycle.."))),
                        "package dev.flipside.updater.lifecycle; class P { dev.flipside.updater.source.Source s; }"),
                new Rule(
                        "Vert.x is known to source, api and daemon only",
                        noClasses()
                                .that()
                                .resideOutsideOfPackages(
                                        "dev.flipside.updater.source..",
                                        "dev.flipside.updater.api..",
                                        "dev.flipside.updater.daemon..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("io.vertx..", "io.netty.."),
                        "package dev.flipside.updater.slot; class P { io.vertx.core.Vertx v; }"),
                new Rule(
                        "nothing depends on a command line",
                        noClasses()
                                .that()
                                .resideOutsideOfPackages("..cli..", "dev.flipside.integration..")
                                .should()
                                .dependOnClassesThat()
                                .resideInAnyPackage("..cli..", "picocli.."),
                        "package dev.flipside.builder.disk; class P { dev.flipside.builder.cli.Console c; }"),
                new Rule(
                        "no two packages need each other",
                        slices().matching("dev.flipside.(**)").should().beFreeOfCycles(),
                        """
                        package dev.flipside.updater.journal;
                        public class J { C c; static class C { dev.flipside.updater.lifecycle.L l; } }
                        ---
                        package dev.flipside.updater.lifecycle;
                        public class L { dev.flipside.updater.journal.J j; }
                        """));
    }

    private static Rule mayNotReach(House from, String counterexample, House... targets) {
        ArchRule rule =
                noClasses()
                        .that()
                        .resideInAnyPackage(from.packages())
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(House.packagesOf(targets))
                        .allowEmptyShould(true);
        return new Rule(from + " reaches only what the picture allows", rule, counterexample);
    }
}
