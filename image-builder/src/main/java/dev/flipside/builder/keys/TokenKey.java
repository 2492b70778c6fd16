package dev.flipside.builder.keys;

import dev.flipside.builder.keys.Cryptoki.Attribute;
import dev.flipside.builder.keys.Cryptoki.Refusal;
import dev.flipside.failure.Failure;
import dev.flipside.failure.FailureCode;
import dev.flipside.failure.FlipsideException;
import dev.flipside.format.ByteString;
import java.io.IOException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A key on a PKCS #11 token. Each signature has a session of its own; nothing stays logged in. */
record TokenKey(TokenUri uri) implements PrivateHalf {

    /** Something to do on the token, with its private key. */
    @FunctionalInterface
    private interface Work<T> {
        T with(Cryptoki token, long session, long privateKey) throws Refusal, FlipsideException;
    }

    static SigningKey open(TokenUri uri) throws FlipsideException {
        TokenKey key = new TokenKey(uri);
        PublicKey publicKey = key.onToken(key::publicKey);
        return new SigningKey(uri.name(), publicKey, key);
    }

    @Override
    public byte[] sign(SignatureScheme scheme, byte[] message) throws FlipsideException {
        TokenMechanism mechanism = TokenMechanism.of(scheme, uri.name());
        return onToken(
                (token, session, key) ->
                        mechanism.signature(
                                token.sign(
                                        session,
                                        key,
                                        mechanism.code(),
                                        mechanism.parameters(),
                                        mechanism.input(message))));
    }

    private <T> T onToken(Work<T> work) throws FlipsideException {
        try (Cryptoki token = Cryptoki.load(uri.module())) {
            long session = token.openSession(slot(token));
            if (uri.pin().isPresent()) {
                login(token, session, uri.pin().get());
            }
            T result = work.with(token, session, object(token, session));
            token.closeSession(session);
            return result;
        } catch (IOException e) {
            throw unreachable("a PKCS #11 library in '" + uri.module() + "'", e.getMessage(), e);
        } catch (Refusal e) {
            throw unreachable("an answer from '" + uri.module() + "'", e.getMessage(), e);
        }
    }

    private long slot(Cryptoki token) throws Refusal, FlipsideException {
        List<String> labels = new ArrayList<>();
        List<Long> matching = new ArrayList<>();
        for (long slot : token.slots()) {
            String label = token.label(slot);
            labels.add("'" + label + "'");
            if (uri.token().isEmpty() || uri.token().get().equals(label)) {
                matching.add(slot);
            }
        }
        if (matching.size() != 1) {
            throw unreachable(
                    "one token" + uri.token().map(label -> " '" + label + "'").orElse(""),
                    labels.isEmpty() ? "none" : String.join(", ", labels),
                    null);
        }
        return matching.getFirst();
    }

    private void login(Cryptoki token, long session, String pin) throws Refusal, FlipsideException {
        try {
            token.login(session, pin);
        } catch (Refusal e) {
            if (e.code() != Cryptoki.PIN_INCORRECT
                    && e.code() != Cryptoki.PIN_LEN_RANGE
                    && e.code() != Cryptoki.PIN_LOCKED) {
                throw e;
            }
            throw new FlipsideException(
                    new Failure(
                            FailureCode.KEY_INVALID,
                            uri.name(),
                            "the token's PIN",
                            e.code() == Cryptoki.PIN_LOCKED ? "a locked token" : "another PIN",
                            "correct the PIN; a token locks itself after a few wrong ones"),
                    e);
        }
    }

    private long object(Cryptoki token, long session) throws Refusal, FlipsideException {
        List<Long> found = token.find(session, wanted(Cryptoki.PRIVATE_KEY));
        if (found.size() != 1) {
            throw new FlipsideException(
                    FailureCode.KEY_MISSING,
                    uri.name(),
                    "one private key",
                    found.isEmpty()
                            ? uri.pin().isPresent() ? "none" : "none without a PIN"
                            : found.size() + " of them",
                    "check 'object=' and 'id=' with 'pkcs11-tool --list-objects --login'");
        }
        return found.getFirst();
    }

    private List<Attribute> wanted(long kind) {
        List<Attribute> attributes = new ArrayList<>();
        attributes.add(Attribute.number(Cryptoki.CLASS, kind));
        uri.object()
                .map(ByteString::utf8)
                .ifPresent(label -> attributes.add(new Attribute(Cryptoki.LABEL, label)));
        uri.id().ifPresent(id -> attributes.add(new Attribute(Cryptoki.ID, id)));
        return attributes;
    }

    /** Of the public key object beside the private one: that with its id. */
    private PublicKey publicKey(Cryptoki token, long session, long privateKey)
            throws Refusal, FlipsideException {
        List<Attribute> attributes = new ArrayList<>(wanted(Cryptoki.PUBLIC_KEY));
        Optional<byte[]> id = token.value(session, privateKey, Cryptoki.ID);
        if (id.isPresent() && id.get().length > 0) {
            attributes.clear();
            attributes.add(Attribute.number(Cryptoki.CLASS, Cryptoki.PUBLIC_KEY));
            attributes.add(new Attribute(Cryptoki.ID, ByteString.of(id.get())));
        }
        List<Long> found = token.find(session, attributes);
        if (found.size() != 1) {
            throw new FlipsideException(
                    FailureCode.KEY_MISSING,
                    uri.name(),
                    "one public key beside it, with the same id",
                    found.isEmpty() ? "none" : found.size() + " of them",
                    "write the public key to the token, too");
        }
        return TokenPublicKey.read(
                type -> token.value(session, found.getFirst(), type), uri.name());
    }

    private FlipsideException unreachable(String expected, String found, Throwable cause) {
        return new FlipsideException(
                new Failure(
                        FailureCode.TOKEN_UNREACHABLE,
                        uri.name(),
                        expected,
                        found,
                        "plug the token in, and check 'token=' and 'module-path='"),
                cause);
    }
}
