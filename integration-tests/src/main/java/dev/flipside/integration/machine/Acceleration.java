package dev.flipside.integration.machine;

import java.util.List;

/** Who runs the guest's instructions. */
public enum Acceleration {
    /** QEMU's translator; runs everywhere, some ten times slower. */
    TCG("tcg,thread=multi,tb-size=512"),
    /** The host's processor, where it can be trusted to run a guest. */
    KVM("kvm");

    private final String option;

    Acceleration(String option) {
        this.option = option;
    }

    List<String> options() {
        return List.of("-accel", option, "-cpu", "max");
    }
}
