/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * lab.h - what a scenario sees of the lab.
 *
 * A scenario is a C file that includes this header, sets up a driver and its hardware, and declares
 * actors: functions that use the driver. The lab runs them in every order that the hardware and
 * other CPUs could bring about, and says whether one of them leads to a failed check, to a crash,
 * or to a state from which not all actors can return any more.
 *
 * Scenario and driver are compiled with -fsanitize=thread and linked as a shared object without the
 * sanitizer's runtime (`qinval cc` does it), so that every access to memory reaches the lab. Part
 * of the state are: the object's variables (64 KiB at most), what lab_alloc() gave (1 MiB), the
 * actors' stacks (60 KiB each), and the unit. Nothing else may change while actors run: no files,
 * no malloc(), no time of day, no threads, no thread-local variables. An actor may call the
 * functions below that are for actors, memcpy(), memmove(), memset(), memcmp() and assert(), and
 * nothing else of others; setup() may call what it likes.
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <device/vtd.h>

/*
 * Beside lab_ and LAB_, vtd_ and VTD_, no name is defined here or in what this includes: a driver's
 * own struct qi_desc, QI_IOTLB_TYPE or DMAR_IQT_REG do not collide. Those that would rather have
 * ours include <qinval/desc.h> and <qinval/regs.h>.
 */
struct qi_host;

/* What the command line asks for; a scenario may have fixed opinions on some of it. */
struct lab_params {
	const char *engine; /* of --engine, else "own" */
	unsigned slots;	    /* of the ring */
	unsigned width;	    /* of a descriptor: 128 or 256 bits */
	uint64_t laps;	    /* how often the ring is to have been round before; see age.h */
};

struct lab_scenario {
	const char *name;
	const char *summary; /* what happens in it, in a line */

	/*
	 * Allocates, initialises, declares actors. Runs alone: every register access lets the
	 * unit work until it is idle. May call the driver. To refuse (an engine that lacks what
	 * it needs, say): returns why; NULL if all is well.
	 */
	const char *(*setup)(const struct lab_params *p);

	unsigned slots; /* default of --slots; 0: 4 */
	unsigned ticks; /* how often the clock may jump past every deadline; 0: time stands still */
};

/* A shared object's scenarios: it defines this, with an entry without name at its end. */
extern const struct lab_scenario lab_scenarios[];

/* ---- In setup() ---- */

/* Zeroed memory that is part of the state, aligned to 64; accesses past its end are found. */
void *lab_alloc(size_t bytes);

/* As lab_alloc(), at a page's start: the unit addresses it by its pointer's value. */
void *lab_alloc_dma(size_t bytes);

/*
 * Per-CPU words: one of so many bytes for each CPU, zeroed. In `p`, what this has returned, as a
 * pointer to one of them, lab_per_cpu(p, cpu) is that CPU's, lab_this_cpu(p) the caller's.
 * LAB_PER_CPU(bytes) is how far apart they are: for lab_name(), the size of an element.
 */
#define LAB_CPUS 12
#define LAB_PER_CPU(bytes) (((size_t)(bytes) + 63) / 64 * 64)
#define lab_per_cpu(p, cpu) ((__typeof__(p))((uintptr_t)(p) + (cpu)*LAB_PER_CPU(sizeof(*(p)))))
#define lab_this_cpu(p) lab_per_cpu(p, lab_cpu())
void *lab_alloc_per_cpu(size_t bytes);

/*
 * Give memory a name, for people who read a counterexample: "status" of 4 elements of 4 bytes makes
 * status[0] to status[3]. @show, if not NULL, says what a value means ("DONE"), or NULL.
 */
void lab_name(const void *p, const char *name, size_t element, unsigned count,
	      const char *(*show)(uint64_t value));

/* As lab_name(), for one structure: members' names come from debug information. */
void lab_name_struct(const void *p, size_t size, const char *name, const char *type);

/*
 * An actor: a CPU that runs @run once. 12 at most, interrupt handlers included. Its result is for
 * the reader of a counterexample.
 */
void lab_actor(const char *name, int (*run)(void *arg), void *arg);

/*
 * An interrupt handler. It runs on the CPU of the actor named @on whenever that one's interrupts
 * are on, and the actor stands still meanwhile; @on NULL: on a CPU of its own. With @data it runs
 * once for each message of a unit with that data; with LAB_ANY_TIME up to @times times, whenever
 * it likes.
 *
 * Handlers nest where that is said: @on may be a handler, which this one then interrupts too, and
 * all that it interrupts, unless it has turned interrupts off. Two handlers on the same actor wait
 * for each other. A handler begins with interrupts as they were, on, and is to end so.
 */
#define LAB_ANY_TIME 0xffffffffU
void lab_interrupt(const char *name, int (*run)(void *arg), void *arg, const char *on,
		   uint32_t data, unsigned times);

/*
 * The hardware. ops and ctx are the lab's; fault injection and caching as vtd.h says, but that a
 * cache_room of 0 means 8. NULL: cfg makes no sense, or there are too many. The registers of the
 * one made first, 0, are reached by their offsets, those of the n-th by LAB_UNIT_REGS(n) + offset.
 * Units share memory and messages.
 */
#define LAB_UNITS 4
#define LAB_UNIT_SHIFT 16
#define LAB_UNIT_REGS(n) ((unsigned)(n) << LAB_UNIT_SHIFT)
struct vtd_unit *lab_unit(const struct vtd_config *cfg);

/*
 * Let @look see each step: after each store and each atomic operation of an actor, when a buffered
 * store takes effect, when the unit writes a word or has done a piece of work, and before each
 * move. Then `anew` is true: what it has seen last may be of another run. It reads memory, but no
 * stacks, as it is without what CPUs have in their buffers, may write to @memory, which is part of
 * the state, and returns NULL, or what is wrong: a violation. One for a scenario.
 */
void lab_watch(const char *(*look)(void *memory, bool anew), void *memory, size_t bytes);

/*
 * Stores to what no other actor can tell about take effect at once, even where earlier ones wait in
 * a buffer. Not so of this memory, so that @look sees its words change in order.
 */
void lab_watched(const void *p, size_t bytes);

/* A lock of the lab's, made by lab_lock_new(). 16 at most. */
struct lab_lock {
	uint32_t holder, index;
};
struct lab_lock *lab_lock_new(const char *name);

/* ---- In actors ---- */

/* The number of the CPU that this runs on, below LAB_CPUS: a handler's is that of its actor. */
unsigned lab_cpu(void);

/*
 * Both block until the lock is free. lab_lock() turns interrupts off on this CPU until
 * lab_unlock(), as spin_lock_irqsave() does; lab_spin_lock() leaves them as they are, as
 * spin_lock() does, so a handler may come, and wait for its own victim's lock for ever.
 * lab_irq_save() turns them off, lab_irq_restore() ends that; these and lab_lock() nest, in any
 * order, and interrupts are on again after the last. Neither lock may be taken twice by the same
 * actor: it would wait for itself. An actor and a handler return with what they came with.
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

/* Nanoseconds. Stands still, but for as many jumps of an hour as the scenario allows. */
uint64_t lab_now(void);

/*
 * Sleep until somebody wakes those who sleep on this word, unless it is no longer @value, in which
 * case both return at once; to compare and to fall asleep is one step. lab_sleep_for() also ends
 * when @ns nanoseconds have passed, and is false then only: at a jump of the clock, or at any
 * moment after its last jump; never in a scenario in which time stands still.
 */
#define LAB_FOREVER UINT64_MAX
void lab_sleep(const uint32_t *word, uint32_t value);
bool lab_sleep_for(const uint32_t *word, uint32_t value, uint64_t ns);
void lab_wake(const uint32_t *word);

/*
 * Wait until all other actors, but interrupt handlers, have returned or wait here too, and their
 * stores have taken effect.
 */
void lab_join(void);

/* Any of 0 .. n - 1, n at most 16: all are tried. */
unsigned lab_choose(unsigned n);

/* A violation: the counterexample ends here. */
void lab_fail(const char *what);
#define lab_check(condition) ((condition) ? (void)0 : lab_fail("check failed: " #condition))

/* Is the translation in one of the caches, of any unit, or of this one? */
bool lab_cached(const struct vtd_entry *e);
bool lab_unit_cached(const struct vtd_unit *u, const struct vtd_entry *e);

/* Arm a fault while the unit runs: of unit 0, or of this one. */
void lab_arm(const struct vtd_fault *f);
void lab_unit_arm(const struct vtd_unit *u, const struct vtd_fault *f);

/*
 * All of the above as the core wants it, see <qinval/host.h>: ctx is the struct lab_lock.
 * device_present and report are NULL; a copy can set them.
 */
extern const struct qi_host lab_host;

#endif
