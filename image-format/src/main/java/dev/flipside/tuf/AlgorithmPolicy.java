package dev.flipside.tuf;

/**
 * Which kinds of keys count. A signature of another kind is no error: it counts for nothing, as one
 * of a kind that nobody knows.
 */
public enum AlgorithmPolicy {
    /** Every kind that can be checked. */
    ANY("any"),

    /**
     * What validated modules offer as approved: ECDSA and RSA of FIPS 186-5, ML-DSA of FIPS 204.
     * FIPS 186-5 approves Ed25519 too, but few modules have been validated with it.
     */
    FIPS("fips");

    private final String code;

    AlgorithmPolicy(String code) {
        this.code = code;
    }

    /** The word that configuration and options have for it. */
    public String code() {
        return code;
    }

    public boolean allows(KeyScheme scheme) {
        return switch (this) {
            case ANY -> true;
            case FIPS ->
                    switch (scheme) {
                        case ECDSA_P256, ECDSA_P384, RSA_PSS, ML_DSA_65 -> true;
                        case ED25519 -> false;
                    };
        };
    }

    boolean allows(VerificationKey key) {
        return key.scheme().filter(this::allows).isPresent();
    }
}
