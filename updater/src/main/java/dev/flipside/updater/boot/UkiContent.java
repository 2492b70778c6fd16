package dev.flipside.updater.boot;

import dev.flipside.failure.FlipsideException;
import dev.flipside.updater.source.Source;

/** Where the bytes of a UKI come from; nothing about them is trusted. */
@FunctionalInterface
public interface UkiContent {
    void sendTo(Source.Sink sink) throws FlipsideException;
}
