package dev.flipside.builder.keys;

import dev.flipside.failure.FlipsideException;

/** Where the secret of a key is, and who computes with it. */
sealed interface PrivateHalf permits PemKey, CommandKey, TokenKey {
    /**
     * The raw signature of a message, under a scheme that the key allows.
     *
     * @throws FlipsideException {@code signing-failed} or {@code token-unreachable}
     */
    byte[] sign(SignatureScheme scheme, byte[] message) throws FlipsideException;
}
