# forecast.awk - how long work takes, by images, settings, speeds and work (forecast.sh, forecast-work.awk).
#
# A program takes its start, what it needs once, and its images.  What goes on one after the other is a unit; units of a
# network begin when it is trained, by their seed.  So the whole takes as long as all of it shared by `jobs`, or as the
# longest chain: a training, then the longest unit of these weights.
BEGIN {
	AGENT_STARTS = 1   # beyond its own start, in starts; and what the learning of DDPG and of AutoQ takes
	DDPG_STARTS = 10
	AUTOQ_STARTS = 300
	LOOK_STARTS = 2    # of show-progress and the shell after each score
	FORWARD = 1 / 3    # of a step of training
	LEAST_SECONDS = 120
}
function setting(conf, key) {
	return (conf, key) in settings ? settings[conf, key] : ""
}
# images that training sees: those of its settings or of the file, in whole batches, each epoch; by a teacher and for
# statistics they only run forward
function seen(conf, file,    n, all) {
	n = setting(conf, "images") + 0
	if (n == 0 || (file in images && images[file] < n))
		n = images[file] + 0
	if (setting(conf, "batch") <= 0)  # finetune will say that it is missing
		return 0
	all = n
	n = int(n / setting(conf, "batch")) * setting(conf, "batch") * setting(conf, "epochs")
	return n * (1 + (setting(conf, "distillation") > 0) * FORWARD) + least(all, setting(conf, "statistics_images") + 0) * FORWARD
}
function images_cost(network, what, n) {
	return once[network, what] + n * each[network, what]
}
function learning(agent) {
	return (agent ~ /^(ddpg|mixed)$/) * DDPG_STARTS + (agent == "autoq") * AUTOQ_STARTS
}
function cost(program, network, conf, file) {
	if (program == "finetune" || program == "train")
		return images_cost(network, program, seen(conf, file))
	if (program == "evaluate")
		return images_cost(network, program, images[file]) + LOOK_STARTS * once[network, "start"]
	if (program == "evaluate-float")
		return images_cost(network, "train", images[file] * FORWARD) + LOOK_STARTS * once[network, "start"]
	if (program == "quantize")
		return once[network, "quantize"]
	return once[network, "start"] * (AGENT_STARTS + learning(setting(conf, "agent")))
}
function most(a, b) {
	return a > b ? a : b
}
function least(a, b) {
	return a < b ? a : b
}
function duration(seconds,    minutes) {
	minutes = int(seconds / 60 + 0.5)
	if (minutes < 60)
		return minutes " min"
	return int(minutes / 60) " h" (minutes % 60 ? " " minutes % 60 " min" : "")
}
function several(n, one, many) {
	return n " " (n == 1 ? one : many)
}

part == "images" { images[$1] = $2 }
part == "confs" {
	n = split($0, word, "|")
	for (i = 2; i <= n; i++) {
		at = index(word[i], "=")
		settings[word[1], substr(word[i], 1, at - 1)] = substr(word[i], at + 1)
	}
}
part == "speeds" {
	split($0, word, ",")
	is_measured[word[1]]
	once[word[1], word[2]] = word[3]
	each[word[1], word[2]] = word[4]
}
part == "work" {
	program = $1; unit = $2; network = $3; kind = $4; draw = $7
	if (!(network in is_measured)) {
		is_lower_bound = 1
		next
	}
	seconds = once[network, "start"] + cost(program, network, $5, $6)
	total += seconds
	taken[unit] += seconds
	of[unit] = draw
	if (program == "train")
		trainings[draw]
	if (program ~ /^(quantize|finetune|evaluate|(ddpg|autoq)-step)/ && unit != draw)
		spent[network, kind] += seconds
	if (program == "finetune")
		count[network, kind]++
	if (program == "finetune" && kind == "episode")
		episodes[unit]++
}

function searches(    unit, n, all, length_) {
	for (unit in episodes) {
		n++
		all += episodes[unit]
		length_ = most(length_, episodes[unit])
	}
	if (!n)
		return ""
	return several(n, "search", "searches") " of " \
		(all == n * length_ ? several(length_, "episode", "episodes") : several(all, "episode", "episodes") " in all")
}
function what_is_to_do(    network, draw, n, finals, briefs, text) {
	text = searches()
	for (network in is_measured) {
		finals += count[network, "final"]
		briefs += count[network, "brief"]
	}
	if (briefs)
		text = text (text != "" ? " and " : "") several(briefs, "brief score", "brief scores")
	if ((text == "" || briefs) && finals)
		text = text (text != "" ? " and " : "") several(finals, "policy", "policies") " to score"
	for (draw in trainings)
		n++
	return text (n && text != "" ? " and " : "") (n ? several(n, "network", "networks") " to train" : "")
}
END {
	for (unit in taken)
		if (unit != of[unit])
			longest[of[unit]] = most(longest[of[unit]], taken[unit])
	for (unit in of)
		chain = most(chain, taken[of[unit]] + longest[of[unit]])
	whole = most(total / least(jobs * threads, cores), chain / least(threads, cores))
	print "network,episode,final" >times
	for (network in is_measured)
		print network "," per(network, "episode") "," per(network, "final") >times
	if (whole >= LEAST_SECONDS)
		print goals ": " what_is_to_do() ": " (is_lower_bound ? "more than " : "about ") duration(whole) \
			" on this machine (" several(jobs, "job", "jobs") " at once)"
}
function per(network, kind) {
	return count[network, kind] ? spent[network, kind] / count[network, kind] : ""
}
