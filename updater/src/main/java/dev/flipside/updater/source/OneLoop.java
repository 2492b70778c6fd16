package dev.flipside.updater.source;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.transport.Transport;
import java.util.concurrent.TimeUnit;

/** Vert.x with one event loop, which keeps no files and prints nothing of its own. */
public final class OneLoop {
    private OneLoop() {}

    public static Vertx start() {
        return start(Transport.NIO);
    }

    /** On other channels than those of the JDK. */
    public static Vertx start(Transport transport) {
        VertxOptions options =
                new VertxOptions()
                        .setEventLoopPoolSize(1)
                        .setWorkerPoolSize(1)
                        .setInternalBlockingPoolSize(1)
                        // A busy machine is no reason to print stack traces beside our own lines.
                        .setBlockedThreadCheckInterval(1)
                        .setBlockedThreadCheckIntervalUnit(TimeUnit.DAYS)
                        .setFileSystemOptions(
                                new FileSystemOptions()
                                        .setClassPathResolvingEnabled(false)
                                        .setFileCachingEnabled(false));
        return Vertx.builder().with(options).withTransport(transport).build();
    }
}
