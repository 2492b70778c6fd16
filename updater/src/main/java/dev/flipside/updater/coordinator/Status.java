package dev.flipside.updater.coordinator;

import dev.flipside.updater.journal.HostState;
import dev.flipside.updater.lifecycle.HostFacts;
import dev.flipside.updater.lifecycle.Policy;

/** A host, as its updater sees it: what it remembers, what it wants, and what is so. */
public record Status(HostState memory, Policy policy, Observation observation, HostFacts facts) {}
