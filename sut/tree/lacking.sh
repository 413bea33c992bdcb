# Says which symbol a file of a kernel tree needs and the environment lacks, and where the symbol
# belongs. Sourced by the probes, which set these names:
#
#   tree           the tree
#   work           a folder with links to the tree's files
#   source         the file under test; interface, abi: the tree's two headers
#
# A probe of a driver defines the first functions again, for the headers of its driver.
# shellcheck shell=bash disable=SC2154

# A header of the driver itself for the symbol; nothing for a symbol of the kernel.
private_header_for() { :; }
# The header with the types by which the suite calls the source.
header_of_types() { echo "$interface"; }
# The place of a header that the source includes by that name.
header_of_name() { echo "sut/kernel/include/${1#../}"; }

die() {
  echo "holdfast: $1" >&2
  exit 2
}

# The environment's header for a symbol. If a header that the source includes has the symbol in the
# tree, the header of the same name; else the symbol's name decides.
header_for() {
  local symbol=$1 include
  if [ -n "$(private_header_for "$symbol")" ]; then
    private_header_for "$symbol"
    return
  fi
  for include in $(sed -n 's/^#include <\(.*\)>.*/\1/p' "$tree/$source"); do
    case include/$include in
      "$interface" | "$abi") continue ;;  # the tree's own
    esac
    if [ -f "$tree/include/$include" ] && grep -qw -- "$symbol" "$tree/include/$include"; then
      echo "sut/kernel/include/$include"
      return
    fi
  done
  echo "sut/kernel/include/$(public_header_for "$symbol")"
}

public_header_for() {
  local symbol=$1
  case $symbol in
    kho_*) echo linux/kexec_handover.h ;;
    dma_* | dmam_* | DMA_*) echo linux/dma-mapping.h ;;
    rb_* | RB_*) echo linux/rbtree.h ;;
    bitmap_*) echo linux/bitmap.h ;;
    FIELD_*) echo linux/bitfield.h ;;
    xa_*) echo linux/xarray.h ;;
    ida_* | idr_*) echo linux/idr.h ;;
    *irq*) echo linux/interrupt.h ;;
    liveupdate_* | luo_*) echo linux/liveupdate.h ;;
    pt_iommu* | iommupt_*) echo linux/generic_pt/iommu.h ;;
    iommu_* | IOMMU_* | dev_iommu*) echo linux/iommu.h ;;
    pci_* | PCI_* | to_pci_*) echo linux/pci.h ;;
    dev_* | device_* | bus_* | get_device | put_device) echo linux/device.h ;;
    mutex_*) echo linux/mutex.h ;;
    lockdep_* | might_*) echo linux/lockdep.h ;;
    spin_* | raw_spin_*) echo linux/spinlock.h ;;
    k*alloc* | devm_k*alloc* | kfree* | GFP_*) echo linux/slab.h ;;
    folio_* | page_* | virt_to_* | *_folio | *_page) echo linux/mm.h ;;
    *phys* | __pa | __va) echo linux/io.h ;;
    *WARN* | *BUG* | panic) echo linux/bug.h ;;
    guard | scoped_* | __free | DEFINE_*) echo linux/cleanup.h ;;
    READ_ONCE | WRITE_ONCE | __*) echo linux/compiler.h ;;
    *ERR*) echo linux/err.h ;;
    E[A-Z]*) echo linux/errno.h ;;
    u8 | u16 | u32 | u64 | s8 | s16 | s32 | s64 | *_t | list_*) echo linux/types.h ;;
    *) echo linux/kernel.h ;;
  esac
}

# place, missing symbol, header
lacking() {
  echo "holdfast: $1: $2 is not in the environment; it belongs in $3"
}

# Reads a compiler's errors, gcc's or clang's, and writes a line for each missing symbol, at the
# first place of the symbol.
explain() {
  local line place text symbol
  while IFS= read -r line; do
    place=$(sed -n 's/^\([^ ]*:[0-9]*\):[0-9]*: .*/\1/p' <<<"$line")
    place=${place#"$work"/}
    text=$(sed 's/^[^ ]*: //' <<<"$line")
    case $text in
      *".h: No such file"* | *".h' file not found"*)
        symbol=$(grep -o '[A-Za-z0-9_./-]*\.h' <<<"$text" | head -1)
        lacking "$place" "$symbol" "$(header_of_name "$symbol")" ;;
      *"implicit declaration of function '"* | *"undeclared function '"*)
        symbol=$(sed "s/.*function '\([^']*\)'.*/\1/" <<<"$text")
        lacking "$place" "$symbol()" "$(header_for "$symbol")" ;;
      *"no member named '"*"' in '"*)
        symbol=$(sed "s/.*no member named '\([^']*\)' in '\([^']*\)'.*/\2 \1/" <<<"$text")
        symbol=${symbol#const }
        lacking "$place" "member ${symbol##* } of ${symbol% *}" "$(header_for "$(sed 's/^struct \([^ ]*\) .*/\1/' <<<"$symbol")")" ;;
      *"' has no member named '"*)
        symbol=$(sed "s/.*'\([^']*\)' has no member named '\([^']*\)'.*/\1 \2/" <<<"$text")
        symbol=${symbol#const }
        lacking "$place" "member ${symbol##* } of ${symbol% *}" "$(header_for "$(sed 's/^struct \([^ ]*\) .*/\1/' <<<"$symbol")")" ;;
      *"unknown type name '"* | *"undeclared identifier '"*)
        symbol=$(sed "s/.*'\([^']*\)'.*/\1/" <<<"$text")
        lacking "$place" "$symbol" "$(header_for "$symbol")" ;;
      *"'"*"' undeclared"*)
        symbol=$(sed "s/.*error: '\([^']*\)' undeclared.*/\1/" <<<"$text")
        lacking "$place" "$symbol" "$(header_for "$symbol")" ;;
      *"conflicting types for '"*)
        symbol=$(sed "s/.*conflicting types for '\([^']*\)'.*/\1/" <<<"$text")
        echo "holdfast: $place: $symbol() has another type than the suite calls; that type is in $(header_of_types)" ;;
      *"incomplete type '"* | *"undefined type '"*)
        symbol=$(sed "s/.*type '\(const \)\{0,1\}\(struct \)\{0,1\}\([^']*\)'.*/\3/" <<<"$text")
        lacking "$place" "struct $symbol" "$(header_for "$symbol")" ;;
    esac
  done < <(grep -E ': (fatal )?error: ' "$1") | awk '{ key = $0; sub(/^holdfast: [^ ]*: /, "", key) } !seen[key]++' | head -8
}

refuse() {  # the compiler's output
  local lines
  lines=$(explain "$1")
  [ -n "$lines" ] || lines="holdfast: $tree/$source does not compile in the environment (docs/kernel-tree.md)"
  {
    echo "$lines"
    sed "s|$work/||g" "$1" | head -24
  } >&2
  exit 2
}

# The object's undefined symbols, as nm prints them, and folders: each symbol must be named there. A
# symbol that the tree declares and nobody defines is first missed here.
expect_defined() {
  local symbol symbols=$1
  shift
  for symbol in $(awk '$1 == "U" { print $2 }' "$symbols"); do
    case $symbol in
      mem* | str* | __* | _GLOBAL*) continue ;;
    esac
    grep -Rqw -- "$symbol" "$@" && continue
    lacking "$source:$(grep -nw -m1 -- "$symbol" "$tree/$source" | cut -d: -f1)" "$symbol()" "$(header_for "$symbol")" >&2
    exit 2
  done
}
