/*
 * The reference machine a second time, for SPIN: a second opinion on model/step.cc,
 * model/rules/contract.cc, model/explore/canonical.cc and model/explore/explore.cc. The model
 * shares no line with them. It is written from docs/model.md, section by section.
 *
 * A world is given by macros, as `holdfast explore --world=D,I,M` gives it:
 *   D, I, M    devices (1 to 8), IOMMUs (1 to 8) and domains (1 to 4); device d stands behind IOMMU
 *              d % I
 *   FILES      at most this many dependent files; default 2
 *   ATTACH     if defined, devices are attached to any domain at any time
 *   FAULTS     if defined, every call fails at every place where it can
 *   RESTORE    if defined, sessions are frozen and handed over by kexec, and the next kernel probes
 *              and restores its devices: the aspects `handover` and `restore`
 *   V5         if defined, the profile is v5 on LUO stage C; else v3 on stage A
 *   UNCHECKED  if defined, no rule is asked: what the search alone costs
 *   BROKEN     a number: the mistake of that number is made (the list is below), and pan must
 *              report the rule
 * The caller keeps the contract: the clauses C1 to C8 are the guards of the options at the end.
 * Nobody claims an owner or gives one up: the aspects `owners` and `walk` are not modelled here.
 *
 * The states are those of Explore(), one for one. A record has no slot number but is named by its
 * object, which is what canonical.h leaves of one when nothing has two records. A command is one
 * d_step, so no state within a command is stored. Variables that are not of the state are `hidden`
 * and not stored, and the process has one control point. So `states, stored` is Explore()'s
 * `states`. Every option is an edge, a fault that does not fire is no option, and a command beyond
 * the bound is none. So `transitions`, which counts the arrival in the initial state too, is
 * Explore()'s `edges` + 1.
 */

#ifndef FILES
#define FILES 2
#endif
#ifndef BROKEN
#define BROKEN 0
#endif
#if !defined(D) || D < 1 || D > 8 || !defined(I) || I < 1 || I > 8 || !defined(M) || M < 1 || M > 4
#error "expected -DD=1..8 -DI=1..8 -DM=1..4"
#endif

/* The mistakes, and the rule that each breaks. */
#define IOMMU_GOES_WITH_ITS_FIRST_DEVICE 1 /* R1: ref_count is not looked at */
#define FAILED_PRESERVE_KEEPS_REFERENCE 2  /* R2: of preserve_device */
#define CALLER_BREAKS_C1 3                 /* R3: a device with a domain it is not attached to */
#define UNPRESERVE_KEEPS_POINTER 4         /* R4: device_ser */
#define IOMMU_PAGE_STAYS 5                 /* R8 */
#define CALLER_BREAKS_C4 6                 /* R9: the last file goes while records live */
#define REFERENCE_NOT_PUT 7                /* R11: needs V5 */

/* --- the state -------------------------------------------------------------------------------- */

/* A pointer to a record of its object. Dead: the record is DELETED. Stale: the FLB is gone. */
#define NULL_PTR 0
#define OWN 1
#define DEAD_PTR 2
#define STALE 3

/* What a device record names: nothing, the record of object n, or a DELETED one. */
#define NOTHING 0
#define RECORD_OF(n) (1 + (n))
#define DELETED_RECORD 255

byte files;
byte flb_refs;
bool flb;
byte attached[D]; /* all to dom0 at first */

bool domain_live[M];
byte preserved_state[M];

bool device_live[D];
byte device_domain[D];
byte device_hw[D];
byte device_attachment[D]; /* RECORD_OF the domain that it was attached to when it was preserved */
byte device_ser[D];

bool hw_live[I];
byte hw_ref_count[I];
byte outgoing_preserved_state[I];

bool domain_page[M]; /* preserved with KHO */
bool device_page[D];
bool hw_page[I];

/* Not stored: written before it is read in every d_step. (SPIN hides no bool.) */
hidden byte k;
hidden byte named[I]; /* live device records that name the hw record of the IOMMU */
hidden byte r1_held;
hidden byte r2_counted;
hidden byte r3_closed;
hidden byte r4_unique;
hidden byte r8_pages;
hidden byte r9_no_ghosts;
hidden byte r11_balanced;

#define IOMMU_OF(d) ((d) % I)

/* --- the rules, asked after every command ----------------------------------------------------- */

inline rules() {
  r1_held = true;
  r2_counted = true;
  r3_closed = true;
  r4_unique = true;
  r8_pages = true;
  r9_no_ghosts = true;
  for (k : 0 .. I - 1) { named[k] = 0 }
  for (k : 0 .. D - 1) {
    if
    :: device_live[k] ->
      r1_held = r1_held && device_hw[k] == RECORD_OF(IOMMU_OF(k)) && hw_live[IOMMU_OF(k)] &&
                outgoing_preserved_state[IOMMU_OF(k)] == OWN;
      r3_closed = r3_closed && device_domain[k] != NOTHING && device_domain[k] != DELETED_RECORD &&
                  device_domain[k] == device_attachment[k];
      named[IOMMU_OF(k)]++
    :: else
    fi;
    r4_unique = r4_unique && device_live[k] == (device_ser[k] == OWN) && device_ser[k] != DEAD_PTR;
    r8_pages = r8_pages && device_page[k] == device_live[k];
    r9_no_ghosts = r9_no_ghosts && (flb || (device_ser[k] == NULL_PTR && !device_live[k])) &&
                   device_ser[k] != STALE
  }
  for (k : 0 .. I - 1) {
    r2_counted = r2_counted && hw_ref_count[k] == named[k] && hw_live[k] == (named[k] > 0) &&
                 hw_live[k] == (outgoing_preserved_state[k] == OWN) &&
                 outgoing_preserved_state[k] != DEAD_PTR;
    r8_pages = r8_pages && hw_page[k] == hw_live[k];
    r9_no_ghosts = r9_no_ghosts &&
                   (flb || (outgoing_preserved_state[k] == NULL_PTR && !hw_live[k])) &&
                   outgoing_preserved_state[k] != STALE
  }
  for (k : 0 .. M - 1) {
    r3_closed = r3_closed && domain_live[k] == (preserved_state[k] == OWN) &&
                preserved_state[k] != DEAD_PTR;
    r8_pages = r8_pages && domain_page[k] == domain_live[k];
    r9_no_ghosts = r9_no_ghosts && (flb || (preserved_state[k] == NULL_PTR && !domain_live[k])) &&
                   preserved_state[k] != STALE
  }
  r11_balanced = flb_refs == files && flb == (files > 0);
#ifdef RESTORE
  next_kernel_rules()
#endif

  assert(r11_balanced); /* the most telling first: what is broken may break others with it */
  assert(r9_no_ghosts);
  assert(r1_held);
  assert(r2_counted);
  assert(r3_closed);
  assert(r4_unique);
  assert(r8_pages)
}

#ifdef UNCHECKED
#define RULES skip
#else
#define RULES rules()
#endif

/* --- files and the FLB ------------------------------------------------------------------------ */

/* The records are freed; pointers to them are not looked at, and dangle. */
inline unpreserve_flb() {
  flb = false;
  for (k : 0 .. M - 1) {
    domain_live[k] = false;
    if :: preserved_state[k] != NULL_PTR -> preserved_state[k] = STALE :: else fi
  }
  for (k : 0 .. D - 1) {
    device_live[k] = false;
    device_domain[k] = NOTHING;
    device_hw[k] = NOTHING;
    device_attachment[k] = NOTHING;
    if :: device_ser[k] != NULL_PTR -> device_ser[k] = STALE :: else fi
  }
  for (k : 0 .. I - 1) {
    hw_live[k] = false;
    hw_ref_count[k] = 0;
    if :: outgoing_preserved_state[k] != NULL_PTR -> outgoing_preserved_state[k] = STALE :: else fi
  }
}

inline put() {
  flb_refs--;
  if :: flb_refs == 0 -> unpreserve_flb() :: else fi
}

/* liveupdate_flb_get_outgoing, if it does not fail. By C7 no caller comes while there is no FLB. */
inline get_outgoing() {
  assert(flb);
#ifdef V5
  flb_refs++
#else
  skip
#endif
}
inline put_outgoing() {
#ifdef V5
  if :: BROKEN != REFERENCE_NOT_PUT -> put() :: else fi
#else
  skip
#endif
}

inline preserve_file() {
  flb = true;
  flb_refs++;
  files++
}

inline unpreserve_file() {
  files--;
  put()
}

/* --- domains ---------------------------------------------------------------------------------- */

/* Whatever refers to the record refers to a dead one from now on. */
inline delete_domain_record(m) {
  domain_live[m] = false;
  if :: preserved_state[m] == OWN -> preserved_state[m] = DEAD_PTR :: else fi;
  for (k : 0 .. D - 1) {
    if :: device_domain[k] == RECORD_OF(m) -> device_domain[k] = DELETED_RECORD :: else fi
  }
}

inline preserve_domain(m, pt_fails) {
  get_outgoing();
  if
  :: pt_fails -> skip /* the slot is spent */
  :: else ->
    domain_live[m] = true;
    domain_page[m] = true;
    preserved_state[m] = OWN
  fi;
  put_outgoing()
}

inline unpreserve_domain(m) {
  get_outgoing();
  domain_page[m] = false;
  delete_domain_record(m);
  preserved_state[m] = NULL_PTR;
  put_outgoing()
}

/* --- the IOMMU as a dependency ---------------------------------------------------------------- */

inline preserve_iommu(i) {
  if
  :: outgoing_preserved_state[i] != NULL_PTR -> hw_ref_count[i]++
  :: else ->
    hw_live[i] = true;
    hw_ref_count[i] = 1;
    hw_page[i] = true;
    outgoing_preserved_state[i] = OWN
  fi
}

inline unpreserve_iommu(i) {
  assert(outgoing_preserved_state[i] == OWN); /* else the call warns or touches freed memory */
  hw_ref_count[i]--;
  if
  :: hw_ref_count[i] == 0 || BROKEN == IOMMU_GOES_WITH_ITS_FIRST_DEVICE ->
    outgoing_preserved_state[i] = NULL_PTR;
    if :: BROKEN != IOMMU_PAGE_STAYS -> hw_page[i] = false :: else fi;
    hw_live[i] = false;
    hw_ref_count[i] = 0;
    for (k : 0 .. D - 1) {
      if :: device_hw[k] == RECORD_OF(i) -> device_hw[k] = DELETED_RECORD :: else fi
    }
  :: else
  fi
}

/* --- devices ---------------------------------------------------------------------------------- */

inline delete_device_record(d) {
  device_live[d] = false;
  device_domain[d] = NOTHING;
  device_hw[d] = NOTHING;
  device_attachment[d] = NOTHING
}

inline preserve_device(m, d, iommu_fails, device_fails) {
  get_outgoing();
  if
  :: iommu_fails -> skip /* two slots are spent */
  :: else ->
    preserve_iommu(IOMMU_OF(d));
    device_live[d] = true;
    device_domain[d] = RECORD_OF(m);
    device_hw[d] = RECORD_OF(IOMMU_OF(d));
    device_attachment[d] = RECORD_OF(attached[d]);
    if
    :: device_fails ->
      delete_device_record(d);
      if :: BROKEN != FAILED_PRESERVE_KEEPS_REFERENCE -> unpreserve_iommu(IOMMU_OF(d)) :: else fi
    :: else ->
#ifdef RESTORE
      restored_ser[d] = NULL_PTR;
#endif
      device_page[d] = true;
      device_ser[d] = OWN
    fi
  fi;
  put_outgoing()
}

inline unpreserve_device(d) {
  get_outgoing();
  delete_device_record(d);
  device_page[d] = false;
  if
  :: BROKEN != UNPRESERVE_KEEPS_POINTER -> device_ser[d] = NULL_PTR
  :: else -> device_ser[d] = DEAD_PTR
  fi;
  unpreserve_iommu(IOMMU_OF(d));
  put_outgoing()
}

#ifdef RESTORE
#include "next_kernel.pml"
#endif

/* --- the caller ------------------------------------------------------------------------------- */

/* F(x, 0), F(x, 1), ... for each domain; F(0), F(1), ... for each device. */
#if M == 1
#define FOR_DOMAINS(F, x) F(x, 0)
#elif M == 2
#define FOR_DOMAINS(F, x) F(x, 0) F(x, 1)
#elif M == 3
#define FOR_DOMAINS(F, x) F(x, 0) F(x, 1) F(x, 2)
#else
#define FOR_DOMAINS(F, x) F(x, 0) F(x, 1) F(x, 2) F(x, 3)
#endif
#if D == 1
#define FOR_DEVICES(F, x) F(x, 0)
#elif D == 2
#define FOR_DEVICES(F, x) F(x, 0) F(x, 1)
#elif D == 3
#define FOR_DEVICES(F, x) F(x, 0) F(x, 1) F(x, 2)
#elif D == 4
#define FOR_DEVICES(F, x) F(x, 0) F(x, 1) F(x, 2) F(x, 3)
#elif D == 5
#define FOR_DEVICES(F, x) F(x, 0) F(x, 1) F(x, 2) F(x, 3) F(x, 4)
#elif D == 6
#define FOR_DEVICES(F, x) F(x, 0) F(x, 1) F(x, 2) F(x, 3) F(x, 4) F(x, 5)
#elif D == 7
#define FOR_DEVICES(F, x) F(x, 0) F(x, 1) F(x, 2) F(x, 3) F(x, 4) F(x, 5) F(x, 6)
#else
#define FOR_DEVICES(F, x) F(x, 0) F(x, 1) F(x, 2) F(x, 3) F(x, 4) F(x, 5) F(x, 6) F(x, 7)
#endif

/* C4: nothing is live when the FLB goes, and no device record names the domain that goes. */
#define DOMAIN_IS_LIVE(x, m) || domain_live[m]
#define DEVICE_IS_LIVE(x, d) || device_live[d]
#define ANYTHING_LIVE (false FOR_DOMAINS(DOMAIN_IS_LIVE, 0) FOR_DEVICES(DEVICE_IS_LIVE, 0))
#define DEVICE_NAMES(m, d) || device_domain[d] == RECORD_OF(m)
#define ANY_DEVICE_NAMES(m) (false FOR_DEVICES(DEVICE_NAMES, m))

/* C6, and C5. */
#ifdef RESTORE
#define AWAKE (!frozen && !crashed)
#define HELD(d) claimed[d]
#else
#define AWAKE true
#define HELD(d) true
#endif

/* C2 and C7; C3 and C4. */
#define MAY_PRESERVE_DOMAIN(m) (AWAKE && flb && preserved_state[m] == NULL_PTR)
#define MAY_UNPRESERVE_DOMAIN(m) (AWAKE && preserved_state[m] == OWN && !ANY_DEVICE_NAMES(m))
/* C1, C2 and C7; C3. */
#define MAY_PRESERVE_DEVICE(m, d) \
  (AWAKE && HELD(d) && flb && (attached[d] == m || BROKEN == CALLER_BREAKS_C1) && \
   preserved_state[m] == OWN && device_ser[d] == NULL_PTR)
#define MAY_UNPRESERVE_DEVICE(d) (AWAKE && HELD(d) && device_ser[d] == OWN)

/* A call that fails and changes nothing: an edge back to a state that was judged when reached. */
#define NOTHING_IS_DONE(guard) :: d_step { (guard) -> skip }

#ifdef FAULTS
#define FILE_FAULTS \
  NOTHING_IS_DONE(AWAKE && !flb) /* FLB preserve */ \
  NOTHING_IS_DONE(AWAKE && !flb) /* kzalloc: the object */ \
  NOTHING_IS_DONE(AWAKE && !flb) /* kho_alloc: the top record */ \
  NOTHING_IS_DONE(AWAKE && !flb) /* kho_alloc: domains */ \
  NOTHING_IS_DONE(AWAKE && !flb) /* kho_alloc: devices */ \
  NOTHING_IS_DONE(AWAKE && !flb) /* kho_alloc: hw */
#define PRESERVE_DOMAIN_FAULTS(m) \
  NOTHING_IS_DONE(MAY_PRESERVE_DOMAIN(m)) /* get_outgoing */ \
  :: d_step { MAY_PRESERVE_DOMAIN(m) -> preserve_domain(m, true); RULES }
#define UNPRESERVE_DOMAIN_FAULTS(m) NOTHING_IS_DONE(MAY_UNPRESERVE_DOMAIN(m)) /* get_outgoing */
#define PRESERVE_DEVICE_FAULTS(m, d) \
  NOTHING_IS_DONE(MAY_PRESERVE_DEVICE(m, d)) /* get_outgoing */ \
  :: d_step { \
    MAY_PRESERVE_DEVICE(m, d) && outgoing_preserved_state[IOMMU_OF(d)] == NULL_PTR -> \
    preserve_device(m, d, true, false); RULES \
  } \
  :: d_step { MAY_PRESERVE_DEVICE(m, d) -> preserve_device(m, d, false, true); RULES }
#define UNPRESERVE_DEVICE_FAULTS(d) NOTHING_IS_DONE(MAY_UNPRESERVE_DEVICE(d)) /* get_outgoing */
#else
#define FILE_FAULTS
#define PRESERVE_DOMAIN_FAULTS(m)
#define UNPRESERVE_DOMAIN_FAULTS(m)
#define PRESERVE_DEVICE_FAULTS(m, d)
#define UNPRESERVE_DEVICE_FAULTS(d)
#endif

#ifdef ATTACH
#define ATTACHES(m, d) :: d_step { true -> attached[d] = m; RULES }
#else
#define ATTACHES(m, d)
#endif

#define COMMANDS_OF_DOMAIN(x, m) \
  :: d_step { MAY_PRESERVE_DOMAIN(m) -> preserve_domain(m, false); RULES } \
  :: d_step { MAY_UNPRESERVE_DOMAIN(m) -> unpreserve_domain(m); RULES } \
  PRESERVE_DOMAIN_FAULTS(m) \
  UNPRESERVE_DOMAIN_FAULTS(m)

/* unpreserve_device has no use for its domain: the caller may name any. */
#define COMMANDS_OF_PAIR(d, m) \
  :: d_step { MAY_PRESERVE_DEVICE(m, d) -> preserve_device(m, d, false, false); RULES } \
  :: d_step { MAY_UNPRESERVE_DEVICE(d) -> unpreserve_device(d); RULES } \
  PRESERVE_DEVICE_FAULTS(m, d) \
  UNPRESERVE_DEVICE_FAULTS(d) \
  ATTACHES(m, d)
#define COMMANDS_OF_DEVICE(x, d) FOR_DOMAINS(COMMANDS_OF_PAIR, d)

#ifndef RESTORE
#define HANDOVER
#endif

active proctype caller() {
end: /* nothing follows a crash */
  do
  :: d_step { AWAKE && files < FILES -> preserve_file(); RULES }
  :: d_step {
       AWAKE && (files > 1 || (files == 1 && (!ANYTHING_LIVE || BROKEN == CALLER_BREAKS_C4))) ->
       unpreserve_file(); RULES
     }
  FILE_FAULTS
  FOR_DOMAINS(COMMANDS_OF_DOMAIN, 0)
  FOR_DEVICES(COMMANDS_OF_DEVICE, 0)
  HANDOVER
  od
}
