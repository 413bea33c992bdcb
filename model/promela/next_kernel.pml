/*
 * The handover and the restoring side, for preservation.pml with RESTORE: freeze, kexec, and the
 * next kernel's retrieve, finish, probe_device, restore_domain and release_device. Written from
 * docs/model.md, as the rest.
 *
 * A world with a kho_restore fault has one crashed state, and nothing follows it.
 */

/* --- the state -------------------------------------------------------------------------------- */

#define NO_DOMAIN 254 /* attached */

/* What became of the records of the kernel before. */
#define NONE 0
#define HANDED_OVER 1
#define RETRIEVED 2
#define FAILED 3
#define FINISHED 4

bool crashed; /* alone: every other variable is 0 then */
bool frozen;
bool frozen_flb;
byte frozen_files;
bool claimed[D] = true; /* the DMA owner of the device's group */

byte in_status;
bool in_error; /* of the retrieve that failed; all faults are -ENOMEM here */
byte in_files;
bool in_flb;
bool in_domain_live[M];
bool in_device_live[D];
byte in_device_domain[D];
byte in_device_hw[D];
byte in_device_attachment[D];
bool in_hw_live[I];
byte in_hw_ref_count[I];
bool restored[M]; /* the domain, by its record */
bool taken[D];    /* the record, by its device */
byte restored_ser[D];

/* --- the rules -------------------------------------------------------------------------------- */

inline next_kernel_rules() {
  for (k : 0 .. D - 1) {
    assert(restored_ser[k] == NULL_PTR || (in_device_live[k] && taken[k])); /* R12 */
    assert(!taken[k] || in_status == RETRIEVED);
    /* SPIN clears a variable that nobody reads, so every record that came over is read here. */
    assert(!in_device_live[k] ||
           (in_flb && in_hw_live[IOMMU_OF(k)] && in_hw_ref_count[IOMMU_OF(k)] > 0 &&
            in_device_hw[k] == RECORD_OF(IOMMU_OF(k)) &&
            in_device_domain[k] == in_device_attachment[k] &&
            in_domain_live[in_device_domain[k] - 1]))
  }
  for (k : 0 .. M - 1) { assert(!restored[k] || in_domain_live[k]) }
  assert(in_error == (in_status == FAILED));
}

/* --- the calls -------------------------------------------------------------------------------- */

inline forget_incoming() {
  in_error = false;
  in_files = 0;
  in_flb = false;
  for (k : 0 .. M - 1) {
    in_domain_live[k] = false;
    restored[k] = false
  }
  for (k : 0 .. D - 1) {
    in_device_live[k] = false;
    in_device_domain[k] = NOTHING;
    in_device_hw[k] = NOTHING;
    in_device_attachment[k] = NOTHING;
    taken[k] = false;
    restored_ser[k] = NULL_PTR
  }
  for (k : 0 .. I - 1) {
    in_hw_live[k] = false;
    in_hw_ref_count[k] = 0
  }
}

/* The running kernel's own memory. */
inline forget_outgoing() {
  files = 0;
  flb_refs = 0;
  unpreserve_flb();
  frozen = false;
  frozen_flb = false;
  frozen_files = 0;
  for (k : 0 .. M - 1) {
    preserved_state[k] = NULL_PTR;
    domain_page[k] = false
  }
  for (k : 0 .. D - 1) {
    device_ser[k] = NULL_PTR;
    device_page[k] = false;
    claimed[k] = false;
    attached[k] = NO_DOMAIN
  }
  for (k : 0 .. I - 1) {
    outgoing_preserved_state[k] = NULL_PTR;
    hw_page[k] = false
  }
}

inline freeze() {
  frozen = true;
  frozen_flb = flb;
  frozen_files = files
}

inline kexec() {
  forget_incoming();
  in_status = NONE;
  if
  :: frozen && frozen_flb ->
    in_status = HANDED_OVER;
    in_files = frozen_files;
    in_flb = true;
    for (k : 0 .. M - 1) { in_domain_live[k] = domain_live[k] }
    for (k : 0 .. D - 1) {
      in_device_live[k] = device_live[k];
      in_device_domain[k] = device_domain[k];
      in_device_hw[k] = device_hw[k];
      in_device_attachment[k] = device_attachment[k]
    }
    for (k : 0 .. I - 1) {
      in_hw_live[k] = hw_live[k];
      in_hw_ref_count[k] = hw_ref_count[k]
    }
  :: else
  fi;
  forget_outgoing()
}

/* A crash leaves one state, whatever was before. */
inline crash() {
  forget_incoming();
  in_status = NONE;
  forget_outgoing();
  for (k : 0 .. D - 1) { attached[k] = 0 }
  crashed = true
}

/* liveupdate_flb_get_incoming comes to the FLB's retrieve. On stage C a failure is kept. */
#ifdef V5
#define RETRIEVES (in_status == HANDED_OVER)
#else
#define RETRIEVES (in_status == HANDED_OVER || in_status == FAILED)
#endif

inline get_incoming(fails) {
  if
  :: RETRIEVES && fails ->
    in_status = FAILED;
    in_error = true
  :: RETRIEVES && !fails ->
    in_status = RETRIEVED;
    in_error = false
  :: else
  fi
}

inline finish(fails) {
  if
  :: in_files > 1 -> in_files--
  :: else ->
    get_incoming(fails);
    if
    :: in_status == RETRIEVED ->
      forget_incoming();
      in_status = FINISHED
    :: else
    fi
  fi
}

inline probe_device(d, fails) {
  get_incoming(fails);
  if
  :: in_status == RETRIEVED && in_device_live[d] && !taken[d] ->
    taken[d] = true;
    restored_ser[d] = OWN
  :: else
  fi
}

/* The domain that the record of the device names. By C4 it is live. */
#define RECORDED_DOMAIN(d) (in_device_domain[d] - 1)

inline restore_domain(d) {
  if
  :: restored_ser[d] == OWN ->
    restored[RECORDED_DOMAIN(d)] = true;
    attached[d] = RECORDED_DOMAIN(d);
    claimed[d] = true
  :: else
  fi
}

/* C3: there is something to finish. C8. */
#define MAY_FINISH ((in_status != NONE && in_status != FINISHED) && in_files > 0)
#define MAY_PROBE(d) (restored_ser[d] == NULL_PTR && device_ser[d] == NULL_PTR)

/* --- the caller's options --------------------------------------------------------------------- */

/* flb.retrieve and kzalloc fail the retrieve; a page that cannot be restored stops the machine: the
   top record, and one of each chain. */
#ifdef FAULTS
#define INCOMING_FAULTS(guard, call) \
  :: d_step { (guard) && RETRIEVES -> call; RULES } \
  :: d_step { (guard) && RETRIEVES -> call; RULES } \
  :: d_step { (guard) && RETRIEVES -> crash() } \
  :: d_step { (guard) && RETRIEVES -> crash() } \
  :: d_step { (guard) && RETRIEVES -> crash() } \
  :: d_step { (guard) && RETRIEVES -> crash() }
#define PROBE_FAULTS(d) \
  NOTHING_IS_DONE(AWAKE && MAY_PROBE(d)) /* get_incoming */ \
  INCOMING_FAULTS(AWAKE && MAY_PROBE(d), probe_device(d, true))
#define RESTORE_FAULTS(d) \
  NOTHING_IS_DONE(AWAKE && restored_ser[d] == OWN) /* get_incoming */ \
  NOTHING_IS_DONE(AWAKE && restored_ser[d] == OWN && !restored[RECORDED_DOMAIN(d)]) /* alloc */ \
  NOTHING_IS_DONE(AWAKE && restored_ser[d] == OWN && !restored[RECORDED_DOMAIN(d)]) /* restore */
#else
#define INCOMING_FAULTS(guard, call)
#define PROBE_FAULTS(d)
#define RESTORE_FAULTS(d)
#endif
#define RESTORING(x, d) \
  :: d_step { AWAKE && MAY_PROBE(d) -> probe_device(d, false); RULES } \
  :: d_step { AWAKE -> restore_domain(d); RULES } \
  NOTHING_IS_DONE(AWAKE && restored_ser[d] == NULL_PTR) /* release_device */ \
  NOTHING_IS_DONE(AWAKE && device_ser[d] == OWN) /* probe_device: in use */ \
  PROBE_FAULTS(d) \
  RESTORE_FAULTS(d)
#define HANDOVER \
  :: d_step { AWAKE -> freeze(); RULES } \
  :: d_step { !crashed -> kexec(); RULES } \
  :: d_step { AWAKE -> get_incoming(false); RULES } \
  :: d_step { AWAKE && MAY_FINISH -> finish(false); RULES } \
  INCOMING_FAULTS(AWAKE, get_incoming(true)) \
  INCOMING_FAULTS(AWAKE && MAY_FINISH && in_files == 1, finish(true)) \
  FOR_DEVICES(RESTORING, 0)
