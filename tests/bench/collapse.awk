# collapse.awk - runs of collapse.sh in a sentence.  Runs that differ in their seed alone are compared with their
# median; one that is 3 points of top-1 or more below it has collapsed.
BEGIN { FS = "," }
FNR == 1 { next }
{
	of = $1 "," $2 "," $3
	top1[of, ++n[of]] = $7
	runs++
	warned += $8 > 0
}
END {
	for (of in n) {
		sum = squares = 0
		for (i = 1; i <= n[of]; i++)
			x[i] = top1[of, i]
		for (i = 2; i <= n[of]; i++)            # insertion sort: awks of Debian have no asort
			for (k = i; k > 1 && x[k] < x[k - 1]; k--) { t = x[k]; x[k] = x[k - 1]; x[k - 1] = t }
		median = (x[int((n[of] + 1) / 2)] + x[int((n[of] + 2) / 2)]) / 2
		for (i = 1; i <= n[of]; i++) {
			sum += x[i]
			collapsed += median - x[i] >= 3
			if (median - x[i] > worst)
				worst = median - x[i]
		}
		for (i = 1; i <= n[of]; i++)
			squares += (x[i] - sum / n[of]) ^ 2
		all += squares
		freedom += n[of] - 1
		groups++
	}
	if (!runs) {
		print "collapse.awk: no runs" > "/dev/stderr"
		exit 1
	}
	printf "%d runs of %d networks, weights and bits: %d collapsed (3 points of top-1 or more below the median of their seeds)\n",
		runs, groups, collapsed
	printf "worst %.1f points below; seeds %.2f points apart (standard deviation); warned of: %d\n",
		worst, freedom ? sqrt(all / freedom) : 0, warned
}
