/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * lab.h - the interface between a scenario and the lab.
 *
 * A scenario is a C file that includes this header, sets up a driver and its hardware, and declares
 * actors: functions that use the driver. The lab runs them in every order that the hardware and
 * other CPUs could bring about. It reports whether an order leads to a failed check, to a crash, or
 * to a state from which not all actors can return.
 *
 * Scenario and driver are compiled with -fsanitize=thread and linked as a shared object without the
 * sanitizer's runtime (`qinval cc` does this), so that every access to memory reaches the lab. The
 * state consists of the object's variables (64 KiB at most), memory from lab_alloc() (1 MiB), the
 * actors' stacks (60 KiB each), and the unit. Nothing else may change while actors run: no files,
 * no malloc(), no time of day, no threads, no thread-local variables. An actor may call the
 * functions below that are for actors, memcpy(), memmove(), memset(), memcmp() and assert(), and no
 * other functions outside its object; setup() may call any function.
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <device/vtd.h>

/*
 * This header, with what it includes, defines only names that begin with lab_, LAB_, vtd_ or VTD_.
 * So a driver's own struct qi_desc, QI_IOTLB_TYPE or DMAR_IQT_REG do not collide. To use ours,
 * include <qinval/desc.h> and <qinval/regs.h>.
 */
struct qi_host;

/* Parameters from the command line. A scenario may ignore some of them. */
struct lab_params {
	const char *engine; /* the name given to --engine, or "own" */
	unsigned slots;	    /* of the ring */
	unsigned width;	    /* of a descriptor: 128 or 256 bits */
	uint64_t laps;	    /* laps that the ring is to have been through before; see age.h */
};

struct lab_scenario {
	const char *name;
	const char *summary; /* what happens in it, in one line */

	/*
	 * Allocates, initialises, declares actors. No actor runs meanwhile, and each register
	 * access lets the unit work until it is idle. May call the driver. Returns NULL, or why it
	 * refuses (for example because the engine lacks something).
	 */
	const char *(*setup)(const struct lab_params *p);

	unsigned slots; /* default of --slots; 0: 4 */
	unsigned ticks; /* how often the clock may jump past every deadline; 0: time stands still */
};

/* A shared object defines its scenarios here; an entry without name ends them. */
extern const struct lab_scenario lab_scenarios[];

/* ---- In setup() ---- */

/*
 * Return zeroed memory that is part of the state, aligned to 64. Accesses past its end are
 * violations.
 */
void *lab_alloc(size_t bytes);

/* As lab_alloc(), aligned to a page. The unit uses the pointer's value as address. */
void *lab_alloc_dma(size_t bytes);

/*
 * Per-CPU words: return one word of `bytes` bytes for each CPU, zeroed, as a pointer `p`.
 * lab_per_cpu(p, cpu) is that CPU's word, and lab_this_cpu(p) the calling CPU's. LAB_PER_CPU(bytes)
 * is the distance between two words: for lab_name() it is the size of an element.
 */
#define LAB_CPUS 12
#define LAB_PER_CPU(bytes) (((size_t)(bytes) + 63) / 64 * 64)
#define lab_per_cpu(p, cpu) ((__typeof__(p))((uintptr_t)(p) + (cpu)*LAB_PER_CPU(sizeof(*(p)))))
#define lab_this_cpu(p) lab_per_cpu(p, lab_cpu())
void *lab_alloc_per_cpu(size_t bytes);

/*
 * Name memory in counterexamples: "status" with 4 elements of 4 bytes gives status[0] to status[3].
 * @show, if not NULL, returns what a value means ("DONE"), or NULL.
 */
void lab_name(const void *p, const char *name, size_t element, unsigned count,
	      const char *(*show)(uint64_t value));

/* As lab_name(), for one structure. Its members' names are taken from debug information. */
void lab_name_struct(const void *p, size_t size, const char *name, const char *type);

/*
 * Declare an actor: a CPU that runs @run once. There may be 12, including interrupt handlers. The
 * result of @run is shown in counterexamples.
 */
void lab_actor(const char *name, int (*run)(void *arg), void *arg);

/*
 * Declare an interrupt handler. It runs on the CPU of the actor named @on, at any point where that
 * actor's interrupts are on, and the actor stands still meanwhile. @on NULL: on a CPU of its own.
 * It runs once for each message of a unit with the data @data; or, with LAB_ANY_TIME, up to @times
 * times at any point.
 *
 * Handlers nest only if this is declared: @on may be a handler. The new handler then interrupts it
 * and all that it interrupts, unless interrupts are off. Two handlers on the same actor do not
 * interrupt each other. A handler begins with interrupts on, and must end so.
 */
#define LAB_ANY_TIME 0xffffffffU
void lab_interrupt(const char *name, int (*run)(void *arg), void *arg, const char *on,
		   uint32_t data, unsigned times);

/*
 * Make a unit. The lab supplies ops and ctx. Fault injection and caching are as in vtd.h, except
 * that cache_room 0 means 8. NULL: cfg is invalid, or there are too many units. The registers of
 * the first unit are at their offsets, those of the n-th (from 0) at LAB_UNIT_REGS(n) + offset.
 * Units share memory and messages.
 */
#define LAB_UNITS 4
#define LAB_UNIT_SHIFT 16
#define LAB_UNIT_REGS(n) ((unsigned)(n) << LAB_UNIT_SHIFT)
struct vtd_unit *lab_unit(const struct vtd_config *cfg);

/*
 * Call @look after each step: after each store and each atomic operation of an actor, when a
 * buffered store takes effect, when the unit writes a word or has done a piece of work, and before
 * each move. In the last case `anew` is true: the previous call may have been in another run. @look
 * sees memory without the contents of store buffers, so it must not read stacks. It may write to
 * @memory, which is part of the state. It returns NULL, or a text that describes a violation. A
 * scenario may have one such function.
 */
void lab_watch(const char *(*look)(void *memory, bool anew), void *memory, size_t bytes);

/*
 * A store that only its own actor can observe takes effect at once, even if earlier stores wait in
 * the buffer. For this memory that is switched off, so that @look sees its words change in order.
 */
void lab_watched(const void *p, size_t bytes);

/* A lock of the lab, made by lab_lock_new(). There may be 16. */
struct lab_lock {
	uint32_t holder, index;
};
struct lab_lock *lab_lock_new(const char *name);

/* ---- In actors ---- */

/* The number of the CPU on which this runs, below LAB_CPUS. A handler's is that of its actor. */
unsigned lab_cpu(void);

/*
 * lab_lock() and lab_spin_lock() block until the lock is free. lab_lock() turns interrupts off on
 * this CPU until lab_unlock(), as spin_lock_irqsave() does. lab_spin_lock() leaves interrupts
 * alone, as spin_lock() does; so a handler may interrupt the holder and wait for the same lock for
 * ever. lab_irq_save() turns interrupts off until lab_irq_restore(); these two and lab_lock() nest
 * in any order, and interrupts are on again after the last. An actor must not take a lock twice: it
 * would wait for itself. An actor and a handler must return without locks, and with interrupts as
 * they were.
 */
void lab_lock(struct lab_lock *lock);
void lab_unlock(struct lab_lock *lock);
void lab_spin_lock(struct lab_lock *lock);
void lab_spin_unlock(struct lab_lock *lock);
void lab_irq_save(void);
void lab_irq_restore(void);

uint32_t lab_read32(unsigned reg);
uint64_t lab_read64(unsigned reg);
void lab_write32(unsigned reg, uint32_t value);
void lab_write64(unsigned reg, uint64_t value);

/*
 * The time in nanoseconds. It stands still, except for as many jumps of an hour as the scenario
 * allows.
 */
uint64_t lab_now(void);

/*
 * Sleep until lab_wake() is called for this word. If the word is not @value, both functions return
 * at once; the comparison and falling asleep are one step. lab_sleep_for() also ends when @ns
 * nanoseconds have passed, and only then returns false: at a jump of the clock, or at any moment
 * after the last jump. If time stands still in the scenario, that never happens.
 */
#define LAB_FOREVER UINT64_MAX
void lab_sleep(const uint32_t *word, uint32_t value);
bool lab_sleep_for(const uint32_t *word, uint32_t value, uint64_t ns);
void lab_wake(const uint32_t *word);

/*
 * Wait until all other actors, except interrupt handlers, have returned or wait here, too, and
 * their stores have taken effect.
 */
void lab_join(void);

/* Returns one of 0 .. n - 1, n at most 16. The lab tries all of them. */
unsigned lab_choose(unsigned n);

/* Report a violation: the counterexample ends here. */
void lab_fail(const char *what);
#define lab_check(condition) ((condition) ? (void)0 : lab_fail("check failed: " #condition))

/* True if the translation is cached: by any unit, or by this one. */
bool lab_cached(const struct vtd_entry *e);
bool lab_unit_cached(const struct vtd_unit *u, const struct vtd_entry *e);

/* Arm a fault while the unit runs: in unit 0, or in this unit. */
void lab_arm(const struct vtd_fault *f);
void lab_unit_arm(const struct vtd_unit *u, const struct vtd_fault *f);

/*
 * The functions above as the core's host, see <qinval/host.h>: ctx is a struct lab_lock.
 * device_present and report are NULL; a copy can set them.
 */
extern const struct qi_host lab_host;

#endif
