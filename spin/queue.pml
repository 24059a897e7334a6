/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * queue.pml - the usual invalidation queue, one lock and one status word a slot, before and after
 * its zero-count fix. README.md says what is asked of it, and why that is the right question.
 *
 * -DYEAR=2023|2024  reclaim frees what is DONE | owners mark their slots FREE, reclaim frees these
 * -DC1=n -DC2=n     descriptors of each submitter's submissions
 * -DN1=n -DN2=n     how many submissions; 0: there is no such submitter
 * -DBAD=n           submitter 1's n-th descriptor is refused (IQE) in its first submission
 */
#ifndef N1
#define N1 1
#endif
#ifndef N2
#define N2 1
#endif
#ifndef BAD
#define BAD 0
#endif
#ifndef SLOTS
#define SLOTS 4
#endif

mtype = { FREE, IN_USE, DONE };
mtype = { NOTHING, INVALIDATE, REFUSED, WAIT };

mtype status[SLOTS] = FREE;
mtype desc[SLOTS] = NOTHING;
byte target[SLOTS]; /* of a WAIT: the slot whose status is written */

byte iqh, iqt, free_head, free_tail;
byte free_count = SLOTS;
bool iqe, locked;

#define NEXT(slot, n) (((slot) + (n)) % SLOTS)

active proctype hardware()
{
	byte slot;

end:	do
	:: atomic { !iqe && iqh != iqt && desc[iqh] == REFUSED -> iqe = true }
	:: atomic { !iqe && iqh != iqt && desc[iqh] == INVALIDATE -> iqh = NEXT(iqh, 1) }
	:: atomic { !iqe && iqh != iqt && desc[iqh] == WAIT -> slot = target[iqh]; iqh = NEXT(iqh, 1) };
		status[slot] = DONE
	od
}

/* Turns of a loop that find nothing change nothing: what is waited for is a guard. */
#define LOCK_WHEN(condition) atomic { !locked && (condition) -> locked = true }
#define UNLOCK locked = false

#if YEAR == 2023
#define MAY_BE_FREED(slot) (status[slot] == DONE)
#define RELEASE(slot, is_wait) if :: is_wait :: else -> status[slot] = DONE fi
#else
#define MAY_BE_FREED(slot) (status[slot] == FREE)
#define RELEASE(slot, is_wait) status[slot] = FREE
#endif

proctype submitter(byte count; byte times; byte bad)
{
	byte first, last, i;

	do
	:: times == 0 -> break
	:: times > 0 ->
		LOCK_WHEN(free_count >= count + 2);
		first = free_head;
		last = NEXT(first, count);
		for (i : 1 .. count) {
			desc[NEXT(first, i - 1)] = (i == bad -> REFUSED : INVALIDATE);
			status[NEXT(first, i - 1)] = IN_USE;
		}
		desc[last] = WAIT;
		target[last] = last;
		status[last] = IN_USE;
		free_head = NEXT(last, 1);
		free_count = free_count - count - 1;
		iqt = free_head;
		UNLOCK;

		LOCK_WHEN(status[last] == DONE || (iqe && iqh == first));
		if
		:: status[last] == DONE
		:: else -> /* refused: the wait in its place, and back with an error */
			desc[first] = WAIT;
			target[first] = last;
			iqe = false
		fi;
		for (i : 0 .. count) {
			RELEASE(NEXT(first, i), (i == count));
		}
		do
		:: free_tail != free_head && MAY_BE_FREED(free_tail) ->
			status[free_tail] = FREE;
			free_tail = NEXT(free_tail, 1);
			free_count++
		:: else -> break
		od;
		UNLOCK;
		bad = 0;
		times--
	od
}

init {
	atomic {
		run submitter(C1, N1, BAD);
		run submitter(C2, N2, 0)
	}
}
