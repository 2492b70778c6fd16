#!/bin/bash
# Called by dracut: what the reference host adds to its initrd.

check() { return 255; }

depends() { echo systemd-initrd; }

install() {
    # shellcheck disable=SC2154 # dracut sets both
    inst_simple "$moddir/mount-state" /usr/lib/reference-host/mount-state
    inst_simple "$moddir/mount-state.service" /usr/lib/systemd/system/mount-state.service
    inst_multiple blkid mkdir mkfs.ext4 e2fsck mount systemd-machine-id-setup
    inst_simple /etc/mke2fs.conf
    # shellcheck disable=SC2154
    mkdir -p "$initdir/usr/lib/systemd/system/initrd-fs.target.requires"
    ln -s ../mount-state.service "$initdir/usr/lib/systemd/system/initrd-fs.target.requires/mount-state.service"
}
