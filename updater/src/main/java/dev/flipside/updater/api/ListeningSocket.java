package dev.flipside.updater.api;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.nio.AbstractNioMessageChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.vertx.core.impl.transports.NioTransport;
import io.vertx.core.transport.Transport;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;

/**
 * A Unix socket that listened before Netty was there, as a channel of Netty's: who has called in
 * the meantime is answered like everybody else.
 */
final class ListeningSocket extends AbstractNioMessageChannel implements ServerChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    private final ChannelConfig config = new Config(this);
    private volatile boolean bound;

    private ListeningSocket(ServerSocketChannel listening) {
        super(null, listening, SelectionKey.OP_ACCEPT);
    }

    /** Vert.x's way to Netty, where a server on a Unix socket is on the one that listens. */
    static final class Way extends NioTransport implements Transport {
        private final ServerSocketChannel listening;
        private volatile ListeningSocket socket;

        /**
         * @param listening bound, and in no selector
         */
        Way(ServerSocketChannel listening) {
            this.listening = listening;
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
            return domainSocket ? this::socket : super.serverChannelFactory(false);
        }

        private ListeningSocket socket() {
            socket = new ListeningSocket(listening);
            return socket;
        }

        /** Lets in who has called; to be called once the server listens. */
        void open() {
            socket.config().setAutoRead(true);
        }

        /** Lets in nobody any more, from when this returns: only then may the loop end. */
        void close(Duration atMost) {
            socket.close().awaitUninterruptibly(atMost.toMillis());
        }

        @Override
        public NioTransport implementation() {
            return this;
        }

        @Override
        public String name() {
            return NIO.name();
        }

        @Override
        public boolean available() {
            return NIO.available();
        }

        @Override
        public Throwable unavailabilityCause() {
            return NIO.unavailabilityCause();
        }
    }

    private static final class Config extends DefaultChannelConfig {
        private Config(Channel channel) {
            super(channel, new ServerChannelRecvByteBufAllocator());
            // Vert.x is ready for callers a moment after it has bound.
            setAutoRead(false);
        }
    }

    @Override
    protected ServerSocketChannel javaChannel() {
        return (ServerSocketChannel) super.javaChannel();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    public boolean isActive() {
        return isOpen() && bound;
    }

    @Override
    protected void doBind(SocketAddress localAddress) {
        // It listens already.
        bound = true;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws IOException {
        SocketChannel caller = javaChannel().accept();
        if (caller == null) {
            return 0;
        }
        accepted.add(new NioDomainSocketChannel(this, caller));
        return 1;
    }

    @Override
    protected void doClose() throws IOException {
        javaChannel().close();
    }

    @Override
    protected SocketAddress localAddress0() {
        try {
            return javaChannel().getLocalAddress();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return null;
    }

    @Override
    protected boolean doConnect(SocketAddress remote, SocketAddress local) {
        throw notForServers();
    }

    @Override
    protected void doFinishConnect() {
        throw notForServers();
    }

    @Override
    protected void doDisconnect() {
        throw notForServers();
    }

    @Override
    protected boolean doWriteMessage(Object message, ChannelOutboundBuffer in) {
        throw notForServers();
    }

    private static UnsupportedOperationException notForServers() {
        return new UnsupportedOperationException("a server socket neither connects nor writes");
    }
}
