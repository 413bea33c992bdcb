"""pan: SPIN's verifier of one world of preservation.pml, compiled."""

def pan(name, world, defines = [], optimize = "-O0"):
    """An executable `name` that walks a world.

    Args:
      name: of the target; the executable is NAME.bin.
      world: "D,I,M": devices, IOMMUs, domains.
      defines: other macros of preservation.pml: "ATTACH", "FAULTS", "V5", "UNCHECKED", "BROKEN=n".
      optimize: gcc's option. -O2 takes ten times as long to compile, which only a
        benchmark is worth.
    """
    devices, iommus, domains = world.split(",")
    macros = ["D=" + devices, "I=" + iommus, "M=" + domains] + defines

    # Exhaustive and exact: no hashing away of states, no partial order (there is one process), no
    # search for cycles (the rules are of states). NOCOMP: states are stored as they are, which was
    # the fastest. -w: what spin generates is its own affair. spin writes where it stands, hence the
    # directory.
    native.genrule(
        name = name,
        srcs = [
            "//model/promela:next_kernel.pml",
            "//model/promela:preservation.pml",
        ],
        outs = [name + ".bin"],
        cmd = """
            out=$$PWD/$@ model=$$PWD/$(location //model/promela:preservation.pml)
            scratch=$$(mktemp -d)
            trap 'rm -rf $$scratch' EXIT
            cd $$scratch && spin -a %s $$model && gcc %s -w -o $$out pan.c \
                -DSAFETY -DNOREDUCE -DNOFAIR -DNOCOMP -DMEMLIM=4096
        """ % (" ".join(["-D" + macro for macro in macros]), optimize),
        executable = True,
        tags = ["unsanitized"] + (["manual"] if optimize != "-O0" else []),
        visibility = ["//model/explore:__pkg__"],
    )
