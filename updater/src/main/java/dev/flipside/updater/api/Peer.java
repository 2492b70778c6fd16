package dev.flipside.updater.api;

import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Objects;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Who is at the other end of a connection, as the kernel knows it (SO_PEERCRED, unix(7)): the user
 * who connected, whatever the process is now.
 *
 * @param mayChange whether it is root, or the user whom the daemon runs as
 */
record Peer(String user, boolean mayChange) {
    Peer {
        Objects.requireNonNull(user);
    }

    /**
     * The users who may change the host. Compared by their number: principals of one file system
     * are equal when their numbers are.
     */
    record Owners(UserPrincipal root, UserPrincipal self) {
        static Owners ofThisProcess() throws IOException {
            return new Owners(
                    Path.of("/")
                            .getFileSystem()
                            .getUserPrincipalLookupService()
                            .lookupPrincipalByName("0"),
                    Files.getOwner(Path.of("/proc/self")));
        }

        boolean has(UserPrincipal user) {
            return user.equals(root) || user.equals(self);
        }
    }

    /**
     * The peer of a connection over a Unix socket.
     *
     * @throws FlipsideException {@code access-denied} when the kernel does not say who it is
     */
    static Peer of(HttpConnection connection, Owners owners) throws FlipsideException {
        UnixDomainPrincipal principal = null;
        // Vert.x has no words for it of its own: the option is the JDK channel's, below Netty's.
        if (connection instanceof HttpServerConnection server) {
            Channel channel = server.channelHandlerContext().channel();
            principal =
                    channel.config()
                            .getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        }
        if (principal == null) {
            throw new FlipsideException(
                    FailureCode.ACCESS_DENIED,
                    "connection",
                    "a user whom the kernel knows",
                    "none",
                    "connect through the Unix socket");
        }
        return new Peer(principal.user().getName(), owners.has(principal.user()));
    }

    @Override
    public String toString() {
        return "user '%s'".formatted(user);
    }
}
